package dev.taskqueue.operator.kube;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/** Reports every request of the clients that it is built into, and what came of it. It changes nothing. Thread-safe. */
public final class RequestTimingInterceptor implements Interceptor {
    private static final int OK = 200;
    /** The answer to a watch over a WebSocket. */
    private static final int SWITCHING_PROTOCOLS = 101;

    private final LongSupplier nanos;
    /** The watches that have been open, by path and selector: a few for each namespace of the settings. */
    private final Set<String> watched = ConcurrentHashMap.newKeySet();

    private volatile RequestListener listener = RequestListener.NOBODY;

    /** @param nanos the monotonic clock */
    public RequestTimingInterceptor(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** From now on this listener hears of all requests. */
    public void report(RequestListener to) {
        listener = to;
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        Request request = chain.request();
        ApiCall call = ApiCall.of(request);
        long began = nanos.getAsLong();
        int code = 0;
        try {
            Response response = chain.proceed(request);
            code = response.code();
            return response;
        } finally {
            answered(request, call, code, Duration.ofNanos(nanos.getAsLong() - began));
        }
    }

    private void answered(Request request, ApiCall call, int code, Duration took) {
        RequestListener to = listener;
        to.answered(call.verb(), call.resource(), code, took);
        if (call.verb().equals(ApiCall.WATCH) && (code == OK || code == SWITCHING_PROTOCOLS)) {
            String which = request.url().encodedPath() + " " + request.url().queryParameter("fieldSelector");
            if (!watched.add(which)) {
                to.watchRestarted(call.resource());
            }
        }
    }
}
