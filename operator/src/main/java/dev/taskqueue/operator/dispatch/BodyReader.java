package dev.taskqueue.operator.dispatch;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.Call;
import okio.Buffer;
import okio.BufferedSource;

/**
 * Reads the body of an answer away. Few need the body; but its end shows that the worker did not die in the middle of its answer, and that the
 * connection can be used again. A body that is long, or stays open, is not waited for.
 */
final class BodyReader {
    /** A longer body costs the connection. */
    static final int MAX_BYTES = 64 * 1024;

    private static final int PIECE = 8 * 1024;

    /** How the body ended. */
    enum End {
        /** All of it was read. */
        Complete,
        /** It goes on, and the rest is not read. */
        Open,
        /** The connection broke before the end that the headers promise, or what came is no body. */
        Broken
    }

    private final Duration patience;

    /** @param patience how long the end of the body is waited for */
    BodyReader(Duration patience) {
        this.patience = patience;
    }

    /** @param each sees each piece of the body, and must not keep it */
    End read(BufferedSource body, Call call, Consumer<Buffer> each) {
        body.timeout().deadline(patience.toNanos(), TimeUnit.NANOSECONDS);
        var piece = new Buffer();
        long total = 0;
        try {
            while (total <= MAX_BYTES) {
                long count = body.read(piece, PIECE);
                if (count == -1) {
                    return End.Complete;
                }
                total += count;
                each.accept(piece);
                piece.clear();
            }
            return End.Open;
        } catch (InterruptedIOException e) {
            return End.Open;
        } catch (IOException e) {
            // The deadline of the request, and the end of this process, close the connection on this side.
            return call.isCanceled() || Thread.currentThread().isInterrupted() ? End.Open : End.Broken;
        } catch (RuntimeException e) {
            // OkHttp trusts some headers, such as a negative Content-Length, too far.
            return End.Open;
        }
    }
}
