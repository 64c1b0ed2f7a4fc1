package dev.taskqueue.operator.targets;

import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.jspecify.annotations.Nullable;

/** Port: the TokenRequest of the API server. */
public interface TokenSource {
    /**
     * Asks for a token once.
     *
     * @throws KubernetesClientException if the API server refuses it or gives no answer
     */
    TokenRequest create(String namespace, String serviceAccount, TokenRequest request);

    /** The operator's own token; null if it has none. */
    @Nullable String ownToken();

    /** The API server behind a client, which decides on time limits and on how often a failed request is repeated. */
    record Kubernetes(KubernetesClient client) implements TokenSource {
        @Override
        public TokenRequest create(String namespace, String serviceAccount, TokenRequest request) {
            return client.serviceAccounts()
                    .inNamespace(namespace)
                    .withName(serviceAccount)
                    .tokenRequest(request);
        }

        /** Reads the token anew each time: a Pod's token is replaced about every hour, and the client knows the current one. */
        @Override
        public @Nullable String ownToken() {
            Config config = client.getConfiguration();
            return config.getOauthTokenProvider() != null
                    ? config.getOauthTokenProvider().getToken()
                    : config.getOauthToken() != null ? config.getOauthToken() : config.getAutoOAuthToken();
        }
    }
}
