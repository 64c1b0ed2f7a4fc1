package dev.taskqueue.operator.dispatch;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.util.Objects;
import okhttp3.Connection;
import okhttp3.Headers;
import okhttp3.Interceptor;
import okhttp3.Protocol;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;

/**
 * Sits between OkHttp and the network. It sends the request once, over a live connection to the right address, takes the answer, and drops its body.
 * It gives OkHttp a plain 200 instead, so that no rule of OkHttp for a status code, in this version or a later one, can send the request again.
 */
final class SendOnceInterceptor implements Interceptor {
    /** A body up to this size is read to its end, so that the connection can be reused. A larger body costs the connection. */
    static final int MAX_DRAINED_BYTES = 64 * 1024;

    private static final int PIECE = 8 * 1024;

    private final KeepAlive keepAlive;

    SendOnceInterceptor(KeepAlive keepAlive) {
        this.keepAlive = keepAlive;
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        CallProgress course = CallProgress.of(chain.call());
        Connection connection = Objects.requireNonNull(chain.connection());
        if (!connection
                .route()
                .socketAddress()
                .getAddress()
                .equals(course.target().address())) {
            course.holdBack("The connection leads to another address than the target's.");
            throw new ConnectException("The connection leads to another address than the target's");
        }
        if (!course.isDialed() && !isUsable(connection, course)) {
            course.holdBack("The connection that was to be used again is closed.");
            ConnectionProbe.hangUp(connection);
            throw new StaleConnectionException();
        }
        if (!course.mayLeave()) {
            course.holdBack("This operator did not lead when the request was to leave.");
            throw new ConnectException("The fence has closed");
        }
        course.reach(CallProgress.Step.Sent);
        FixedDns.of(connection).countRequest();
        try (Response response = proceed(chain, connection, course)) {
            boolean whole = drain(response.body().source());
            if (!whole
                    || !isReusable(response)
                    || UnreadBytes.count(connection) > 0
                    || !keepAlive.allowsAnother(connection, course.target())) {
                ConnectionProbe.hangUp(connection);
            }
            return nothingToSee(response);
        }
    }

    /** Whether a pooled connection can take another request: its end is not near, and the worker has not closed it. */
    private boolean isUsable(Connection connection, CallProgress course) {
        return keepAlive.allowsAnother(connection, course.target())
                && ConnectionProbe.of(connection) == ConnectionProbe.Silent;
    }

    private static Response proceed(Chain chain, Connection connection, CallProgress course) throws IOException {
        try {
            return chain.proceed(chain.request());
        } catch (IOException e) {
            // OkHttp reports its limit of 256 KiB like the end of the stream. Only the stream shows the difference.
            if (e.getCause() instanceof EOFException && ConnectionProbe.of(connection) != ConnectionProbe.Closed) {
                course.answerTooLarge();
            }
            throw e;
        }
    }

    /** Whether the end of the body was reached. A failure is false, and nothing more: the answer has been taken already. */
    private static boolean drain(BufferedSource body) {
        var piece = new Buffer();
        long total = 0;
        try {
            while (total <= MAX_DRAINED_BYTES) {
                long count = body.read(piece, PIECE);
                if (count == -1) {
                    return true;
                }
                total += count;
                piece.clear();
            }
        } catch (IOException | RuntimeException e) {
            // RuntimeException: OkHttp trusts some headers, such as a negative Content-Length, too far.
        }
        return false;
    }

    /**
     * Checks what OkHttp does not check: a close among other connection options, HTTP/1.0 without keep-alive, a switched protocol, and the body that
     * a careless server sends after HEAD, where it would be taken for the next answer.
     */
    private static boolean isReusable(Response response) {
        if (response.code() < 200 || response.request().method().equals("HEAD")) {
            return false;
        }
        boolean keepAlive = false;
        for (String options : response.headers("Connection")) {
            for (String option : options.split(",", -1)) {
                if (option.strip().equalsIgnoreCase("close")) {
                    return false;
                }
                keepAlive |= option.strip().equalsIgnoreCase("keep-alive");
            }
        }
        return keepAlive || response.protocol() != Protocol.HTTP_1_0;
    }

    private static Response nothingToSee(Response response) {
        return response.newBuilder()
                .code(200)
                .headers(Headers.of())
                .body(ResponseBody.create(new byte[0], null))
                .build();
    }
}
