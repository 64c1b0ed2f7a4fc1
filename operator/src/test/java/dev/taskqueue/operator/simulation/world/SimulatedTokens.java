package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.kube.ApiRequest;
import dev.taskqueue.operator.kube.ApiTransport;
import dev.taskqueue.operator.targets.TokenSource;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Asks the simulated API server for tokens. */
record SimulatedTokens(ApiTransport transport) implements TokenSource {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int CREATED = 201;

    @Override
    public TokenRequest create(String namespace, String serviceAccount, TokenRequest request) {
        String path = "api/v1/namespaces/" + namespace + "/serviceaccounts/" + serviceAccount + "/token";
        try (ApiTransport.Answer answer = transport.send(
                new ApiRequest("POST", path, "application/json", "application/json", Trees.json(request)), TIMEOUT)) {
            byte[] body = answer.bytes();
            if (answer.code() != CREATED) {
                throw new KubernetesClientException("no token", answer.code(), status(body));
            }
            return Trees.typed(Trees.read(body), TokenRequest.class);
        } catch (IOException lost) {
            throw new KubernetesClientException("no answer", lost);
        }
    }

    private static @Nullable Status status(byte[] body) {
        try {
            return Trees.typed(Trees.read(body), Status.class);
        } catch (IOException | IllegalArgumentException garbage) {
            return null;
        }
    }

    @Override
    public @Nullable String ownToken() {
        return null;
    }
}
