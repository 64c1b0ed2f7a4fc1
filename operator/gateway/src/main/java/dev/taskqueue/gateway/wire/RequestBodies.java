package dev.taskqueue.gateway.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.rpc.Code;
import dev.taskqueue.gateway.failure.RpcFailure;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Reads the bodies of REST requests, up to a bound. */
final class RequestBodies {
    private static final int CHUNK = 16 * 1024;
    private static final Duration DISCARD = Duration.ofSeconds(1);

    private final int mostBytes;
    private final Duration longest;

    RequestBodies(int mostBytes, Duration longest) {
        this.mostBytes = mostBytes;
        this.longest = longest;
    }

    /** The body as text; a compressed one is bounded by what comes out. */
    String text(HttpServletRequest request) {
        boolean gzip = isGzip(request.getHeader("Content-Encoding"));
        try (InputStream raw = request.getInputStream();
                InputStream body = gzip ? new GZIPInputStream(raw) : raw) {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(read(body))).toString();
        } catch (CharacterCodingException notText) {
            throw RpcFailure.invalid("body", "Invalid JSON payload received. The body is not UTF-8.");
        } catch (IOException broken) {
            throw RpcFailure.of(Code.INVALID_ARGUMENT, "The body of the request could not be read.");
        }
    }

    private static boolean isGzip(@Nullable String encoding) {
        if (encoding == null || encoding.equalsIgnoreCase("identity")) {
            return false;
        }
        if (encoding.equalsIgnoreCase("gzip")) {
            return true;
        }
        throw RpcFailure.of(Code.INVALID_ARGUMENT, "The header Content-Encoding can be gzip only; leave it out.");
    }

    /**
     * Reads what is left of a body that is not wanted, for a moment and up to the bound: over HTTP/2 an answer before the end of the body resets the
     * stream, and clients then see the reset and not the answer.
     */
    void discard(HttpServletRequest request) {
        long end = System.nanoTime() + DISCARD.toNanos();
        byte[] chunk = new byte[CHUNK];
        try {
            InputStream body = request.getInputStream();
            int left = mostBytes;
            for (int count = 0; count >= 0 && left > 0 && System.nanoTime() < end; left -= count) {
                count = body.read(chunk);
            }
        } catch (IOException gone) {
            // It was closed after it was read, or the client has gone.
        }
    }

    private byte[] read(InputStream body) throws IOException {
        long end = System.nanoTime() + longest.toNanos();
        var all = new ByteArrayOutputStream();
        byte[] chunk = new byte[CHUNK];
        for (int count = body.read(chunk); count >= 0; count = body.read(chunk)) {
            all.write(chunk, 0, count);
            if (all.size() > mostBytes) {
                throw RpcFailure.invalid("body", "Task size too large: a request has at most " + mostBytes + " bytes.");
            }
            if (System.nanoTime() > end) {
                throw RpcFailure.of(Code.DEADLINE_EXCEEDED, "The body of the request arrives too slowly.");
            }
        }
        return all.toByteArray();
    }
}
