package dev.taskqueue.operator.dispatch;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Response;

/** Wraps all of OkHttp: it sends a request to its target's address, and skips pooled connections that are dead or have served long enough. */
final class TargetAddressInterceptor implements Interceptor {
    private final KeepAlive keepAlive;

    TargetAddressInterceptor(KeepAlive keepAlive) {
        this.keepAlive = keepAlive;
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        Chain way = chain.withDns(keepAlive.dns(CallProgress.of(chain.call()).target()));
        while (true) {
            try {
                return way.proceed(way.request());
            } catch (StaleConnectionException e) {
                // Each round removes one connection from the pool, so the loop ends. The deadline ends it, too.
            }
        }
    }
}
