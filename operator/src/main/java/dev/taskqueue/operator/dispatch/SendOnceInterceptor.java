package dev.taskqueue.operator.dispatch;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.util.Objects;
import java.util.regex.Pattern;
import okhttp3.Connection;
import okhttp3.Headers;
import okhttp3.Interceptor;
import okhttp3.Protocol;
import okhttp3.Response;
import okhttp3.ResponseBody;

/**
 * Sits between OkHttp and the network. It sends the request once, over a live connection to the right address, takes the answer, and drops its body.
 * It gives OkHttp a plain 200 instead, so that no rule of OkHttp for a status code, in this version or a later one, can send the request again.
 */
final class SendOnceInterceptor implements Interceptor {
    private static final Pattern ENDS_SOON =
            Pattern.compile("\\b(timeout *= *\"?(0+|0*1)|max *= *\"?0+)(?![0-9])", Pattern.CASE_INSENSITIVE);

    private final KeepAlive keepAlive;
    private final BodyReader bodies;

    SendOnceInterceptor(KeepAlive keepAlive, BodyReader bodies) {
        this.keepAlive = keepAlive;
        this.bodies = bodies;
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
        if (course.isExpired()) {
            course.holdBack("Its time ended before the connection was open.");
            throw new ConnectException("The request has expired");
        }
        course.reach(CallProgress.Step.Sent);
        FixedDns.of(connection).countRequest();
        try (Response response = proceed(chain, connection, course)) {
            BodyReader.End end = bodies.read(response.body().source(), chain.call(), course::body);
            if (end == BodyReader.End.Broken) {
                course.bodyBroke(FailureClassifier.bodyBroke(course.target(), response.code()));
            }
            if (end != BodyReader.End.Complete
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

    /**
     * Checks what OkHttp does not check: a close among other connection options, HTTP/1.0 without keep-alive, a switched protocol, an announced end,
     * and the body that a careless server sends after HEAD, where it would be taken for the next answer.
     */
    private static boolean isReusable(Response response) {
        if (response.code() < 200 || response.request().method().equals("HEAD") || endsSoon(response)) {
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

    /** A worker that closes an idle connection after a second or less may close it just when the next request leaves. */
    private static boolean endsSoon(Response response) {
        String value = response.header("Keep-Alive");
        return value != null && ENDS_SOON.matcher(value).find();
    }

    private static Response nothingToSee(Response response) {
        return response.newBuilder()
                .code(200)
                .headers(Headers.of())
                .body(ResponseBody.create(new byte[0], null))
                .build();
    }
}
