package dev.taskqueue.operator.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.HttpClientUtils;
import io.fabric8.kubernetes.client.utils.TokenRefreshInterceptor;
import io.fabric8.kubernetes.client.utils.Utils;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Adds the credentials to requests by the rules of the Fabric8 client: the account, and a token that is read again each minute and after a 401. Where there is no
 * token (a client certificate, or a proxy that adds the credentials), Fabric8's rule would read the kubeconfig again at every request. Here it is asked once a
 * minute then, too.
 */
final class CredentialsInterceptor implements Interceptor {
    private static final int UNAUTHORIZED = 401;
    private static final long LOOK_EVERY = Duration.ofMinutes(1).toNanos();

    private final Config config;
    private final LongSupplier nanos;
    private final AtomicLong lastLook;
    private final Map<String, io.fabric8.kubernetes.client.http.Interceptor> rules;

    /** @param nanos the monotonic clock */
    CredentialsInterceptor(Config config, LongSupplier nanos) {
        this.config = config;
        this.nanos = nanos;
        this.lastLook = new AtomicLong(nanos.getAsLong());
        this.rules = HttpClientUtils.createApplicableInterceptors(config, new OkHttpClientFactory());
    }

    /** Whether a rule is to be asked before a request. A token may also come later, for example if a credential plugin has failed once. */
    boolean isAskedBefore(String rule) {
        return !rule.equals(TokenRefreshInterceptor.NAME) || hasToken(config) || isTimeToLook();
    }

    private boolean isTimeToLook() {
        long now = nanos.getAsLong();
        long last = lastLook.get();
        return now - last >= LOOK_EVERY && lastLook.compareAndSet(last, now);
    }

    private static boolean hasToken(Config config) {
        return config.getOauthTokenProvider() != null
                || config.getAuthProvider() != null
                || Utils.isNotNullOrEmpty(config.getOauthToken())
                || Utils.isNotNullOrEmpty(config.getAutoOAuthToken())
                || Utils.isNotNullOrEmpty(config.getUsername());
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        Request.Builder request = chain.request().newBuilder();
        var headers = new Headers(request);
        rules.forEach((name, rule) -> {
            if (isAskedBefore(name)) {
                rule.before(headers, null, NoTags.NONE);
            }
        });
        Response response = chain.proceed(request.build());
        if (response.code() != UNAUTHORIZED || !hasNewToken(headers, response)) {
            return response;
        }
        response.close();
        return chain.proceed(request.build());
    }

    private boolean hasNewToken(Headers headers, Response refused) {
        try {
            return rules.values().stream()
                    .anyMatch(rule -> rule.afterFailure(headers, Unauthorized.ANSWER, NoTags.NONE)
                            .join());
        } catch (RuntimeException unreadable) {
            // Otherwise its connection would be lost to all other requests.
            refused.close();
            throw unreadable;
        }
    }

    /** Lets Fabric8's rules set headers of an OkHttp request. */
    private record Headers(Request.Builder request) implements BasicBuilder {
        @Override
        public BasicBuilder uri(URI uri) {
            throw new UnsupportedOperationException("credentials do not lead elsewhere");
        }

        @Override
        public BasicBuilder header(String name, String value) {
            request.addHeader(name, value);
            return this;
        }

        @Override
        public BasicBuilder setHeader(String name, String value) {
            request.header(name, value);
            return this;
        }
    }

    private enum NoTags implements io.fabric8.kubernetes.client.http.Interceptor.RequestTags {
        NONE;

        @Override
        public <T> @Nullable T getTag(Class<T> type) {
            return null;
        }
    }

    /** A 401 for Fabric8's rules, which read only the code of an answer. */
    private enum Unauthorized implements HttpResponse<byte[]> {
        ANSWER;

        @Override
        public int code() {
            return UNAUTHORIZED;
        }

        @Override
        public byte[] body() {
            return new byte[0];
        }

        @Override
        public @Nullable HttpRequest request() {
            return null;
        }

        @Override
        public Optional<HttpResponse<?>> previousResponse() {
            return Optional.empty();
        }

        @Override
        public List<String> headers(String name) {
            return List.of();
        }

        @Override
        public Map<String, List<String>> headers() {
            return Map.of();
        }
    }
}
