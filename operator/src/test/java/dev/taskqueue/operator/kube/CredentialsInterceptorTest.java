package dev.taskqueue.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.operator.domain.TaskId;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientImpl;
import io.fabric8.kubernetes.client.utils.TokenRefreshInterceptor;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.ConnectionPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests that requests outside Fabric8's own calls have the same credentials as those calls. */
class CredentialsInterceptorTest {
    private static final TaskId TASK = new TaskId("shop", "a", "");

    private final MockWebServer server = new MockWebServer();

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void theTokenAndTheUserAgentGoAlong() throws IOException, InterruptedException {
        answer(200);
        try (KubernetesClient client = client(config().withOauthToken("a-token")
                .withUserAgent("taskqueue-operator/1")
                .build())) {
            api(client).get(TASK);
        }
        assertThat(header("Authorization")).isEqualTo("Bearer a-token");
        answer(200);
        try (KubernetesClient client =
                client(config().withUserAgent("taskqueue-operator/1").build())) {
            api(client).get(TASK);
        }
        assertThat(header("User-Agent")).isEqualTo("taskqueue-operator/1");
    }

    @Test
    void anImpersonatedUserGoesAlong() throws IOException, InterruptedException {
        answer(200);
        try (KubernetesClient client = client(config().withImpersonateUsername("system:serviceaccount:shop:orders")
                .withImpersonateGroups("system:serviceaccounts")
                .build())) {
            api(client).get(TASK);
        }
        assertThat(header("Impersonate-User")).isEqualTo("system:serviceaccount:shop:orders");
    }

    @Test
    void anAnswerIsClosedIfNoNewTokenCanBeRead() {
        var reads = new AtomicInteger();
        answer(401);
        try (KubernetesClient client = client(config().withOauthTokenProvider(() -> {
                    if (reads.incrementAndGet() > 1) {
                        throw new IllegalStateException("no token");
                    }
                    return "token";
                })
                .build())) {
            assertThatThrownBy(() -> api(client).get(TASK)).hasStackTraceContaining("no token");
            ConnectionPool pool = ((OkHttpClientImpl) client.getHttpClient())
                    .getOkHttpClient()
                    .connectionPool();
            assertThat(pool.connectionCount() - pool.idleConnectionCount()).isZero();
        }
    }

    @Test
    void aTokenThatIsNotTakenIsReadAnewOnce() throws IOException, InterruptedException {
        var tokens = new AtomicInteger();
        answer(401);
        answer(200);
        answer(401);
        answer(401);
        try (KubernetesClient client = client(config().withOauthTokenProvider(() -> "token-" + tokens.incrementAndGet())
                .build())) {
            var api = api(client);
            assertThat(api.get(TASK).code()).isEqualTo(200);
            assertThat(header("Authorization")).isEqualTo("Bearer token-1");
            assertThat(header("Authorization")).isEqualTo("Bearer token-2");
            assertThat(api.get(TASK).code()).isEqualTo(401);
            assertThat(server.getRequestCount()).isEqualTo(4);
        }
    }

    /** Fabric8's rule would read and parse the kubeconfig at each request, because it finds no token there. */
    @Test
    void whereThereIsNoTokenItIsLookedForOnceAMinute() {
        for (Config config : List.of(
                config().build(),
                config().withClientCertData("a").withClientKeyData("b").build())) {
            var nanos = new AtomicLong();
            var interceptor = new CredentialsInterceptor(config, nanos::get);
            assertThat(looksForToken(interceptor)).isFalse();
            nanos.addAndGet(Duration.ofMinutes(1).toNanos());
            assertThat(looksForToken(interceptor)).isTrue();
            assertThat(looksForToken(interceptor)).isFalse();
            config.setAutoOAuthToken("found-at-last");
            assertThat(looksForToken(interceptor)).isTrue();
        }
    }

    @Test
    void whereThereIsATokenFabric8DecidesWhenItIsReadAgain() {
        for (ConfigBuilder config : List.of(
                config().withOauthToken("a-token"),
                config().withOauthTokenProvider(() -> "a-token"),
                config().withUsername("anna").withPassword("secret"))) {
            assertThat(looksForToken(new CredentialsInterceptor(config.build(), () -> 0)))
                    .isTrue();
        }
    }

    private static boolean looksForToken(CredentialsInterceptor interceptor) {
        return interceptor.isAskedBefore(TokenRefreshInterceptor.NAME);
    }

    @Test
    void withoutAnotherTokenA401IsTheAnswer() throws IOException {
        answer(401);
        try (KubernetesClient client = client(config().withOauthToken("a-token").build())) {
            assertThat(api(client).get(TASK).code()).isEqualTo(401);
        }
        assertThat(server.getRequestCount()).isEqualTo(1);
    }

    private ConfigBuilder config() {
        return new ConfigBuilder(Config.empty()).withMasterUrl(server.url("/").toString());
    }

    private static KubernetesClient client(Config config) {
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private void answer(int code) {
        server.enqueue(new MockResponse.Builder().code(code).body("{}").build());
    }

    private @Nullable String header(String name) throws InterruptedException {
        return server.takeRequest().getHeaders().get(name);
    }

    private static ApiClient api(KubernetesClient client) {
        return new ApiClient(new OkHttpTransport(client), FieldOwner.ALONE, InstantSource.system());
    }
}
