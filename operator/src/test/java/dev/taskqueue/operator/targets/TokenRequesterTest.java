package dev.taskqueue.operator.targets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.operator.domain.Obstacle;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenRequesterTest {
    private static final String PATH = "/api/v1/namespaces/shop/serviceaccounts/caller/token";
    private static final String AUDIENCE = "http://worker.shop.svc";

    private final MockWebServer api = new MockWebServer();
    private final TestingClock clock = new TestingClock();
    private final AtomicInteger minted = new AtomicInteger();
    private final BlockingQueue<RecordedRequest> requests = new LinkedBlockingQueue<>();
    private volatile Supplier<MockResponse> answer = () -> grant(Duration.ofHours(1));

    @BeforeEach
    void start() throws IOException {
        api.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                requests.add(request);
                return answer.get();
            }
        });
        api.start(InetAddress.getLoopbackAddress(), 0);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void asksForOneAudienceAndAnHour() throws Exception {
        try (KubernetesClient client = client("static")) {
            assertThat(token(new TokenRequester(new TokenSource.Kubernetes(client), clock)))
                    .isEqualTo("token-1");
        }
        RecordedRequest request = requests.take();
        assertThat(request.getMethod() + " " + request.getUrl().encodedPath()).isEqualTo("POST " + PATH);
        var spec = new ObjectMapper()
                .readTree(requireNonNull(request.getBody()).toByteArray())
                .get("spec");
        assertThat(spec.get("audiences")).hasToString("[\"" + AUDIENCE + "\"]");
        assertThat(spec.get("expirationSeconds").asLong()).isEqualTo(3600);
    }

    @ParameterizedTest
    @CsvSource({"3600, 25", "600, 25", "20, 16"})
    void aTokenIsUsedForHalfAMinuteAndNeverBeyondFourFifthsOfItsLife(long lifeSeconds, long usedSeconds) {
        answer = () -> grant(Duration.ofSeconds(lifeSeconds));
        try (KubernetesClient client = client("static")) {
            var tokens = new TokenRequester(new TokenSource.Kubernetes(client), clock);
            assertThat(token(tokens)).isEqualTo("token-1");
            clock.advance(Duration.ofSeconds(usedSeconds).minusNanos(1));
            assertThat(token(tokens)).isEqualTo("token-1");
            clock.advance(Duration.ofNanos(1));
            assertThat(token(tokens)).isEqualTo("token-2");
            assertThat(token(tokens)).isEqualTo("token-2");
        }
    }

    @Test
    void aTokenWhoseLifeIsUnknownIsUsedOnce() {
        answer = () -> granted("opaque-" + minted.incrementAndGet());
        try (KubernetesClient client = client("static")) {
            var tokens = new TokenRequester(new TokenSource.Kubernetes(client), clock);
            assertThat(tokens.token("shop", "caller", AUDIENCE)).isEqualTo(new TokenGrant.Granted("opaque-1"));
            assertThat(tokens.token("shop", "caller", AUDIENCE)).isEqualTo(new TokenGrant.Granted("opaque-2"));
        }
    }

    @ParameterizedTest
    @CsvSource({"404, does not exist", "403, grant it the verb create"})
    void anAccountThatIsGoneOrClosedIsNoticedWithinHalfAMinute(int code, String words) {
        try (KubernetesClient client = client("static")) {
            var tokens = new TokenRequester(new TokenSource.Kubernetes(client), clock);
            assertThat(token(tokens)).isEqualTo("token-1");
            answer = () -> new MockResponse.Builder().code(code).build();
            clock.advance(Duration.ofSeconds(TokenRequester.REUSE_SECONDS));
            assertThat(denied(tokens.token("shop", "caller", AUDIENCE)).message())
                    .contains(words);
        }
    }

    @Test
    void aTokenThatTheReceiverRefusesIsDroppedUnlessItIsNew() {
        try (KubernetesClient client = client("static")) {
            var tokens = new TokenRequester(new TokenSource.Kubernetes(client), clock);
            String first = text(tokens);
            tokens.rejected("shop", "caller", AUDIENCE, first);
            assertThat(text(tokens)).isEqualTo(first);
            clock.advance(Duration.ofSeconds(5));
            tokens.rejected("shop", "caller", "http://other.shop.svc", first);
            tokens.rejected("shop", "caller", AUDIENCE, "another");
            assertThat(text(tokens)).isEqualTo(first);
            tokens.rejected("shop", "caller", AUDIENCE, first);
            assertThat(token(tokens)).isEqualTo("token-2");
            // A late answer is about the earlier token.
            clock.advance(Duration.ofSeconds(6));
            tokens.rejected("shop", "caller", AUDIENCE, first);
            assertThat(token(tokens)).isEqualTo("token-2");
        }
    }

    @Test
    void eachAudienceAndAccountHasItsOwnToken() {
        try (KubernetesClient client = client("static")) {
            var tokens = new TokenRequester(new TokenSource.Kubernetes(client), clock);
            assertThat(List.of(
                            tokens.token("shop", "caller", "a"),
                            tokens.token("shop", "caller", "b"),
                            tokens.token("shop", "other", "a"),
                            tokens.token("office", "caller", "a")))
                    .doesNotHaveDuplicates();
        }
        assertThat(minted).hasValue(4);
    }

    @Test
    void manyWhoAskAtOnceCauseOneRequestAndHoldNobodyElseUp() throws Exception {
        var arrived = new CountDownLatch(1);
        var letGo = new CountDownLatch(1);
        answer = () -> {
            if (requests.stream()
                                    .filter(request ->
                                            request.getUrl().encodedPath().equals(PATH))
                                    .count()
                            == 1
                    && arrived.getCount() == 1) {
                arrived.countDown();
                awaitQuietly(letGo);
            }
            return grant(Duration.ofHours(1));
        };
        try (KubernetesClient client = client("static");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tokens = new TokenRequester(new TokenSource.Kubernetes(client), clock);
            var first = CompletableFuture.supplyAsync(() -> token(tokens), threads);
            assertThat(arrived.await(30, TimeUnit.SECONDS)).isTrue();
            var others = IntStream.range(0, 50)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> token(tokens), threads))
                    .toList();
            assertThat(tokens.token("shop", "other", AUDIENCE)).isInstanceOf(TokenGrant.Granted.class);
            letGo.countDown();
            String theOne = first.get(30, TimeUnit.SECONDS);
            for (CompletableFuture<String> other : others) {
                assertThat(other.get(30, TimeUnit.SECONDS)).isEqualTo(theOne);
            }
        }
        assertThat(minted).hasValue(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "404 | does not exist: create it.",
                "403 | grant it the verb create on serviceaccounts/token with resourceNames [caller] in namespace shop.",
                "500 | could not be fetched (HTTP 500), retried.",
                "422 | could not be fetched (HTTP 422), retried."
            })
    void aRefusalSaysWhatToChangeAndIsNotRemembered(int code, String words) {
        answer = () -> new MockResponse.Builder()
                .code(code)
                .body("{\"message\": \"sesame\"}")
                .build();
        try (KubernetesClient client = client("static")) {
            var tokens = new TokenRequester(new TokenSource.Kubernetes(client), clock);
            Obstacle obstacle = denied(tokens.token("shop", "caller", AUDIENCE));
            assertThat(obstacle.reason()).isEqualTo(Obstacle.Reason.TokenNotPermitted);
            assertThat(obstacle.subject())
                    .isEqualTo(
                            code == 403 || code == 404
                                    ? new Obstacle.Subject(Obstacle.Kind.ServiceAccount, "shop", "caller", AUDIENCE)
                                    : new Obstacle.Subject(
                                            Obstacle.Kind.ApiServer, "shop", "serviceaccounts/caller", AUDIENCE));
            assertThat(obstacle.message())
                    .startsWith("ServiceAccount shop/caller ")
                    .endsWith(words)
                    .doesNotContain("sesame");
            answer = () -> grant(Duration.ofHours(1));
            assertThat(token(tokens)).isEqualTo("token-1");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "403 | serviceaccounts 'caller' is forbidden: ValidatingAdmissionPolicy 'tq-token-guard' with binding 'b' denied request:"
                        + " Services only; list others in admissionPolicies.tokenGuard.audiences"
                        + " | gets no token for audience http://worker.shop.svc: policy tq-token-guard lets the operator have only those of Services"
                        + " and listed ones. List it in admissionPolicies.tokenGuard.audiences.",
                "422 | serviceaccounts 'caller' is invalid: ValidatingAdmissionPolicy 'no-tokens' with binding 'b' denied request: not on Sundays"
                        + " | gets no token for audience http://worker.shop.svc: ValidatingAdmissionPolicy no-tokens refuses it to the operator"
                        + " (not on Sundays).",
                "400 | admission webhook \"tokens.example.com\" denied the request"
                        + " | gets no token for audience http://worker.shop.svc: admission webhook tokens.example.com refuses it to the operator.",
                "403 | serviceaccounts 'caller' is forbidden: User 'us' cannot create resource 'serviceaccounts/token'"
                        + " | gets no token, because the operator may not ask for one: grant it the verb create on serviceaccounts/token with"
                        + " resourceNames [caller] in namespace shop."
            })
    void aPolicysRefusalIsToldApartFromAMissingRight(int code, String said, String message) {
        answer = () -> new MockResponse.Builder()
                .code(code)
                .addHeader("Content-Type", "application/json")
                .body(new KubernetesSerialization()
                        .asJson(new StatusBuilder()
                                .withCode(code)
                                .withMessage(said)
                                .build()))
                .build();
        try (KubernetesClient client = client("static")) {
            Obstacle obstacle = denied(
                    new TokenRequester(new TokenSource.Kubernetes(client), clock).token("shop", "caller", AUDIENCE));
            assertThat(obstacle.subject())
                    .isEqualTo(new Obstacle.Subject(Obstacle.Kind.ServiceAccount, "shop", "caller", AUDIENCE));
            assertThat(obstacle.message()).isEqualTo("ServiceAccount shop/caller " + message);
        }
    }

    @Test
    void noAnswerIsToldAsSuch() {
        try (KubernetesClient client = client("static")) {
            api.close();
            assertThat(denied(new TokenRequester(new TokenSource.Kubernetes(client), clock)
                                    .token("shop", "caller", AUDIENCE))
                            .message())
                    .endsWith("could not be fetched (no answer), retried.");
        }
    }

    @Test
    void anAnswerWithoutATokenIsNoGrant() {
        answer = () -> json("{\"kind\": \"TokenRequest\", \"apiVersion\": \"authentication.k8s.io/v1\"}");
        try (KubernetesClient client = client("static")) {
            assertThat(denied(new TokenRequester(new TokenSource.Kubernetes(client), clock)
                                    .token("shop", "caller", AUDIENCE))
                            .message())
                    .contains("without a token");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "https://kubernetes.default.svc",
                "https://kubernetes.default.svc.cluster.local",
                "HTTPS://kubernetes.default.svc",
                "own",
                "own-too"
            })
    void theApiServersOwnAudiencesAreNeverMinted(String audience) {
        try (KubernetesClient client = client(jwt("{\"aud\": [\"own\", \"own-too\"]}"))) {
            assertThat(denied(new TokenRequester(new TokenSource.Kubernetes(client), clock)
                                    .token("shop", "caller", audience))
                            .message())
                    .contains("name another audience");
        }
        assertThat(requests).isEmpty();
    }

    @Test
    void theOwnAudiencesAreReadFromAnyTokenThatIsAJwt() {
        assertThat(JwtClaims.of(jwt("{\"aud\": \"one\"}")).audiences()).containsExactly("one");
        assertThat(JwtClaims.of(jwt("{\"aud\": [\"one\", \"two\"]}")).audiences())
                .containsExactlyInAnyOrder("one", "two");
        assertThat(JwtClaims.of(jwt("{}")).audiences()).isEmpty();
        assertThat(JwtClaims.of(jwt("no JSON")).audiences()).isEmpty();
        assertThat(JwtClaims.of("a.%.c").audiences()).isEmpty();
        assertThat(JwtClaims.of("static").audiences()).isEmpty();
        assertThat(JwtClaims.of(null).audiences()).isEmpty();
    }

    @Test
    void noTextOfAGrantShowsTheToken() {
        assertThat(new TokenGrant.Granted("sesame").toString()).doesNotContain("sesame");
    }

    /** The number of the token, counted as the tokens are issued. */
    private static String token(TokenRequester tokens) {
        return new String(Base64.getUrlDecoder().decode(text(tokens).split("\\.", -1)[1]), UTF_8)
                .replaceAll(".*\"jti\": *\"([^\"]*)\".*", "$1");
    }

    private static String text(TokenRequester tokens) {
        TokenGrant grant = tokens.token("shop", "caller", AUDIENCE);
        assertThat(grant).isInstanceOf(TokenGrant.Granted.class);
        return ((TokenGrant.Granted) grant).token();
    }

    private static Obstacle denied(TokenGrant grant) {
        assertThat(grant).isInstanceOf(TokenGrant.Denied.class);
        return ((TokenGrant.Denied) grant).obstacle();
    }

    /** A token whose times come from an API server with a very different clock. */
    private MockResponse grant(Duration life) {
        long issuedAt = 1_000_000_000L;
        return granted(jwt("{\"iat\": %d, \"exp\": %d, \"jti\": \"token-%d\"}"
                .formatted(issuedAt, issuedAt + life.toSeconds(), minted.incrementAndGet())));
    }

    private static MockResponse granted(String token) {
        return json(new KubernetesSerialization()
                .asJson(new TokenRequestBuilder()
                        .withNewStatus()
                        .withToken(token)
                        .withExpirationTimestamp("2001-09-09T01:46:40Z")
                        .endStatus()
                        .build()));
    }

    private static MockResponse json(String body) {
        return new MockResponse.Builder()
                .code(201)
                .addHeader("Content-Type", "application/json")
                .body(body)
                .build();
    }

    private KubernetesClient client(@Nullable String token) {
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl(api.url("/").toString())
                .withOauthToken(token)
                .withRequestRetryBackoffLimit(0)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private static String jwt(String payload) {
        return "e30." + Base64.getUrlEncoder().withoutPadding().encodeToString(payload.getBytes(UTF_8)) + ".c2ln";
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
