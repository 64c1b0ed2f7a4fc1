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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Adds the credentials to requests by the rules of the Fabric8 client: the account, and a token that is read again each minute and after a 401. Without a token (a
 * client certificate, or a proxy that adds the credentials) Fabric8's rule would read the kubeconfig again at every request: here it only does so after a 401.
 */
final class CredentialsInterceptor implements Interceptor {
    private static final int UNAUTHORIZED = 401;

    private final Map<String, io.fabric8.kubernetes.client.http.Interceptor> rules;
    private final Map<String, io.fabric8.kubernetes.client.http.Interceptor> rulesBefore;

    CredentialsInterceptor(Config config) {
        this.rules = HttpClientUtils.createApplicableInterceptors(config, new OkHttpClientFactory());
        this.rulesBefore = new LinkedHashMap<>(rules);
        if (!hasToken(config)) {
            rulesBefore.remove(TokenRefreshInterceptor.NAME);
        }
    }

    private static boolean hasToken(Config config) {
        return config.getOauthTokenProvider() != null
                || config.getAuthProvider() != null
                || Utils.isNotNullOrEmpty(config.getOauthToken())
                || Utils.isNotNullOrEmpty(config.getAutoOAuthToken())
                || Utils.isNotNullOrEmpty(config.getUsername());
    }

    /** The names of the rules that are asked before every request. */
    Set<String> namesBefore() {
        return Set.copyOf(rulesBefore.keySet());
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        Request.Builder request = chain.request().newBuilder();
        var headers = new Headers(request);
        rulesBefore.values().forEach(rule -> rule.before(headers, null, NoTags.NONE));
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
