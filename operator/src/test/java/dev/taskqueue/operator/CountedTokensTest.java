package dev.taskqueue.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.operator.ops.ApiMeters.TokenResult;
import dev.taskqueue.operator.targets.TokenSource;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CountedTokensTest {
    private final List<TokenResult> results = new ArrayList<>();

    @Test
    void aTokenCountsAsGranted() {
        new CountedTokens(source(0), results::add).create("shop", "caller", new TokenRequest());
        assertThat(results).containsExactly(TokenResult.granted);
    }

    @ParameterizedTest
    @CsvSource({
        "403, refused",
        "404, refused",
        "422, refused",
        "401, failed",
        "429, failed",
        "500, failed",
        "-1, failed"
    })
    void aFailureCountsByWhoHasToAct(int code, TokenResult result) {
        var tokens = new CountedTokens(source(code), results::add);
        assertThatThrownBy(() -> tokens.create("shop", "caller", new TokenRequest()))
                .isInstanceOf(KubernetesClientException.class);
        assertThat(results).containsExactly(result);
    }

    private static TokenSource source(int code) {
        return new TokenSource() {
            @Override
            public TokenRequest create(String namespace, String serviceAccount, TokenRequest request) {
                if (code != 0) {
                    throw new KubernetesClientException("no", code, null);
                }
                return request;
            }

            @Override
            public @Nullable String ownToken() {
                return null;
            }
        };
    }
}
