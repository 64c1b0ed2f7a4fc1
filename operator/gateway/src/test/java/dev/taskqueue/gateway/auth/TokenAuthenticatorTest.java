package dev.taskqueue.gateway.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.rpc.Code;
import dev.taskqueue.gateway.cluster.ClusterClient;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.ops.GatewayMeters;
import dev.taskqueue.gateway.testing.MemoryCluster;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens: reviewed once, refused when they must be, exchanged for themselves. */
class TokenAuthenticatorTest {
    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
    private static final String USER = "system:serviceaccount:shop:producer";

    private final MemoryCluster cluster = new MemoryCluster();

    private TokenAuthenticator authenticator() {
        return new TokenAuthenticator(
                new ClusterClient(cluster, 8, new GatewayMeters("test")),
                Set.of("taskqueue-gateway"),
                Duration.ofMinutes(1),
                InstantSource.fixed(NOW),
                Executors.newVirtualThreadPerTaskExecutor(),
                new GatewayMeters("test"));
    }

    private static String jwt(Instant expiry) {
        return jwt("{\"exp\":" + expiry.getEpochSecond() + "}");
    }

    private static String jwt(String claims) {
        return "e30." + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(UTF_8)) + ".sig";
    }

    @Test
    void aTokenIsReviewedOnce() {
        cluster.token("t", USER, "taskqueue-gateway");
        TokenAuthenticator authenticator = authenticator();
        IntStream.range(0, 50)
                .parallel()
                .forEach(i -> assertThat(authenticator.authenticate("Bearer t").user())
                        .isEqualTo(USER));
        assertThat(cluster.requests).hasSize(1);
    }

    @Test
    void anAcceptedTokenIsNotKeptPastItsEnd() {
        String token = jwt(NOW);
        cluster.token(token, USER, "taskqueue-gateway");
        TokenAuthenticator authenticator = authenticator();
        authenticator.authenticate("Bearer " + token);
        org.awaitility.Awaitility.await().until(() -> {
            authenticator.authenticate("Bearer " + token);
            return cluster.requests.size() > 1;
        });
    }

    @Test
    void whatIsNoTokenOfAServiceAccountIsRefused() {
        cluster.token("human", "alice", "taskqueue-gateway");
        cluster.token("other", USER, "elsewhere");
        for (String header : new String[] {
            null, "", "Basic abc", "Bearer", "Bearer human", "Bearer other", "Bearer unknown", "Bearer a b"
        }) {
            assertThatExceptionOfType(RpcFailure.class)
                    .isThrownBy(() -> authenticator().authenticate(header))
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(Code.UNAUTHENTICATED));
        }
    }

    @Test
    void aTokenIsExchangedForItselfUntilItEnds() {
        var exchange = new TokenExchange(InstantSource.fixed(NOW));
        String token = jwt(NOW.plusSeconds(90));
        var form = form(token);
        assertThat(exchange.answer(form)).hasValueSatisfying(answer -> {
            assertThat(answer.path("access_token").asText()).isEqualTo(token);
            assertThat(answer.path("expires_in").asLong()).isEqualTo(90);
        });
        assertThat(new TokenExchange(InstantSource.fixed(NOW.plusSeconds(91))).answer(form))
                .isEmpty();
        assertThat(exchange.answer(Map.of())).isEmpty();
    }

    private static Map<String, String> form(String token) {
        return Map.of(
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:jwt",
                "subject_token",
                token);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"exp\":9223372036854775807}",
                "{\"exp\":-9223372036854775808}",
                "{\"exp\":1e400}",
                "{\"exp\":\"tomorrow\"}",
                "[]",
                "null",
                ""
            })
    void aTokenWithoutAnEndInTimeIsNotExchanged(String claims) {
        assertThat(new TokenExchange(InstantSource.fixed(NOW)).answer(form(jwt(claims))))
                .isEmpty();
    }
}
