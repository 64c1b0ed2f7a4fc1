package dev.taskqueue.operator;

import dev.taskqueue.operator.ops.ApiMeters.TokenResult;
import dev.taskqueue.operator.targets.TokenSource;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts how requests for tokens end.
 *
 * @param source asks the API server
 * @param results called with the end of each request
 */
record CountedTokens(TokenSource source, Consumer<TokenResult> results) implements TokenSource {
    @Override
    public TokenRequest create(String namespace, String serviceAccount, TokenRequest request) {
        try {
            TokenRequest answer = source.create(namespace, serviceAccount, request);
            results.accept(TokenResult.granted);
            return answer;
        } catch (KubernetesClientException failure) {
            results.accept(isRefusal(failure.getCode()) ? TokenResult.refused : TokenResult.failed);
            throw failure;
        }
    }

    /** A webhook that refuses may choose any code of a client's error. 401 and 429 are about the operator, and pass. */
    private static boolean isRefusal(int code) {
        return code >= 400 && code < 500 && code != 401 && code != 429;
    }

    @Override
    public @Nullable String ownToken() {
        return source.ownToken();
    }
}
