package dev.taskqueue.operator.kube;

import java.io.IOException;
import java.util.Objects;
import okhttp3.Interceptor;
import okhttp3.Response;

/**
 * Has each part of a request sent at once. By default the last part of a large one, such as the status of a batch, waits until the part before it is
 * acknowledged, which the other side delays by up to 40 ms. A network interceptor, because only these know the connection.
 */
final class NoDelayInterceptor implements Interceptor {
    @Override
    public Response intercept(Chain chain) throws IOException {
        Objects.requireNonNull(chain.connection()).socket().setTcpNoDelay(true);
        return chain.proceed(chain.request());
    }
}
