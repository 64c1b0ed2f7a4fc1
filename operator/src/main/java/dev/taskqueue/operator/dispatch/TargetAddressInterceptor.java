package dev.taskqueue.operator.dispatch;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Response;

/** Wraps all of OkHttp: it sends a request to its target's address, and skips pooled connections that have died meanwhile. */
final class TargetAddressInterceptor implements Interceptor {
    @Override
    public Response intercept(Chain chain) throws IOException {
        Chain way = chain.withDns(
                new FixedDns(CallProgress.of(chain.call()).target().address()));
        while (true) {
            try {
                return way.proceed(way.request());
            } catch (StaleConnectionException e) {
                // Each round removes one dead connection from the pool, so the loop ends. The deadline ends it, too.
            }
        }
    }
}
