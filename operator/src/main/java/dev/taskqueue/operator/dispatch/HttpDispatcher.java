package dev.taskqueue.operator.dispatch;

import dev.taskqueue.operator.domain.Departure;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Fence;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import okhttp3.Call;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests and returns their outcomes. A request leaves at most once: nothing that a worker or the network does makes it leave again. Any
 * number of threads may call it; the caller bounds how many.
 */
public final class HttpDispatcher implements RequestSender {
    private static final Logger log = LoggerFactory.getLogger(HttpDispatcher.class);

    private final InstantSource clock;
    private final Fence fence;
    private final HttpClients clients;
    private final OriginCache origins = new OriginCache();
    private volatile boolean closed;

    /**
     * Makes a dispatcher without connections.
     *
     * @param clocks wall time for the dates that a worker sends, monotonic time for the age of connections
     * @param fence asked right before the first byte of a request leaves
     * @param random spreads the ends of connections; called on any thread
     */
    public HttpDispatcher(Clocks clocks, Fence fence, RandomGenerator random) {
        this(clocks, fence, random, ConnectionLimits.DEFAULT);
    }

    HttpDispatcher(Clocks clocks, Fence fence, RandomGenerator random, ConnectionLimits limits) {
        clock = clocks.wall();
        this.fence = fence;
        clients = new HttpClients(limits, new KeepAlive(limits, clocks.monotonic(), random));
    }

    /**
     * Sends {@code request} and waits, at most until its deadline. The status code decides. The body is read away for some seconds, within the same
     * deadline, and nothing of it is kept unless the request says so. A success whose body breaks off meanwhile is none.
     *
     * <p>A request that the operator itself holds back before a byte has left is no attempt. That happens after {@link #close}, while the fence is
     * closed, if the request has expired, and if the connection leads to another address.
     */
    @Override
    public Departure send(OutboundRequest request) {
        if (closed) {
            return new Departure.HeldBack("The operator stops.");
        }
        var course = new CallProgress(request, clock, fence);
        Call call = clients.of(request.target().security()).newCall(toOkHttp(request, course));
        call.timeout().timeout(request.deadline().toNanos(), TimeUnit.NANOSECONDS);
        Exception failure = execute(call, course);
        Outcome answer = course.answer();
        if (answer != null) {
            return new Departure.Left(answer);
        }
        if (failure == null) {
            throw new IllegalStateException("OkHttp told of neither answer nor failure");
        }
        String heldBack = course.heldBack();
        return heldBack != null
                ? new Departure.HeldBack(heldBack)
                : new Departure.Left(FailureClassifier.of(
                        request, course, failure, Thread.currentThread().isInterrupted()));
    }

    private static @Nullable Exception execute(Call call, CallProgress course) {
        try {
            call.execute().close();
            return null;
        } catch (IOException e) {
            return e;
        } catch (RuntimeException e) {
            if (course.step().compareTo(CallProgress.Step.Sent) < 0) {
                throw e;
            }
            // An attempt was made, so it has an outcome. The log leaves out the exception's text, which may come from
            // the worker.
            log.debug(
                    "OkHttp stumbled over the answer of {}: {}", course.target().host(), e.getClass());
            return e;
        }
    }

    /** Sends nothing new and closes idle connections. Requests in flight go on to their end. */
    @Override
    public void close() {
        closed = true;
        clients.closeIdle();
    }

    private Request toOkHttp(OutboundRequest request, CallProgress course) {
        return new Request.Builder()
                .url(url(request))
                .tag(CallProgress.class, course)
                .headers(headers(request))
                .method(request.method(), request.hasBody() ? new OneShot(request.body()) : null)
                .build();
    }

    private static Headers headers(OutboundRequest request) {
        var all = new Headers.Builder().add("Host", request.target().host());
        boolean hasEncoding = false;
        for (Map.Entry<String, String> header : request.headers().entrySet()) {
            // OkHttp checks the name. HeaderRules has checked the value, with the same result.
            all.addUnsafeNonAscii(header.getKey(), header.getValue());
            hasEncoding |= header.getKey().equalsIgnoreCase("Accept-Encoding");
        }
        if (!hasEncoding) {
            // Otherwise OkHttp requests gzip, and unpacks the answer.
            all.add("Accept-Encoding", "identity");
        }
        return all.build();
    }

    private HttpUrl url(OutboundRequest request) {
        String path = request.path().split("#", 2)[0];
        int query = path.indexOf('?');
        return origins.of(request.target())
                .newBuilder()
                .encodedPath(query < 0 ? path : path.substring(0, query))
                .encodedQuery(query < 0 ? null : path.substring(query + 1))
                .build();
    }

    /** A body that OkHttp must not send twice, and that sets no Content-Type. */
    private static final class OneShot extends RequestBody {
        private final byte[] content;

        OneShot(byte[] content) {
            this.content = content;
        }

        @Override
        public @Nullable MediaType contentType() {
            return null;
        }

        @Override
        public long contentLength() {
            return content.length;
        }

        @Override
        public boolean isOneShot() {
            return true;
        }

        @Override
        public void writeTo(BufferedSink sink) throws IOException {
            sink.write(content);
        }
    }
}
