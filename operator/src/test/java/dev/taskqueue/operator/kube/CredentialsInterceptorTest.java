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
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
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

    /** A minute after its start, Fabric8's rule would read and parse the kubeconfig at each request, because it finds no token there. */
    @Test
    void withoutATokenNoneIsLookedForBeforeEachRequest() {
        assertThat(namesBefore(config())).doesNotContain(TokenRefreshInterceptor.NAME);
        assertThat(namesBefore(config().withClientCertData("a").withClientKeyData("b")))
                .doesNotContain(TokenRefreshInterceptor.NAME);
        assertThat(namesBefore(config().withOauthToken("a-token"))).contains(TokenRefreshInterceptor.NAME);
        assertThat(namesBefore(config().withOauthTokenProvider(() -> "a-token")))
                .contains(TokenRefreshInterceptor.NAME);
        assertThat(namesBefore(config().withUsername("anna").withPassword("secret")))
                .contains(TokenRefreshInterceptor.NAME);
        Config read = config().build();
        read.setAutoOAuthToken("of-the-pod");
        assertThat(new CredentialsInterceptor(read).namesBefore()).contains(TokenRefreshInterceptor.NAME);
    }

    private static Set<String> namesBefore(ConfigBuilder config) {
        return new CredentialsInterceptor(config.build()).namesBefore();
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
