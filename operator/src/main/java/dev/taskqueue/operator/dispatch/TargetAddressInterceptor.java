package dev.taskqueue.operator.dispatch;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Response;

/** Around all of OkHttp: leads a request to its target's address, past pooled connections that have died meanwhile. */
final class TargetAddressInterceptor implements Interceptor {
    @Override
    public Response intercept(Chain chain) throws IOException {
        Chain way = chain.withDns(
                new FixedDns(CallProgress.of(chain.call()).target().address()));
        while (true) {
            try {
                return way.proceed(way.request());
            } catch (StaleConnectionException e) {
                // Each round takes one dead connection out of the pool, so this ends; so does the deadline.
            }
        }
    }
}
