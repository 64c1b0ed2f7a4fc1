package dev.taskqueue.operator.kube;

import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import okhttp3.OkHttpClient;

/** Makes the HTTP clients of Fabric8, each with the interceptor that reports requests. */
public final class TimedHttpClients extends OkHttpClientFactory {
    private final RequestTimingInterceptor interceptor;

    public TimedHttpClients(RequestTimingInterceptor interceptor) {
        this.interceptor = interceptor;
    }

    @Override
    protected void additionalConfig(OkHttpClient.Builder builder) {
        builder.addInterceptor(interceptor);
    }
}
