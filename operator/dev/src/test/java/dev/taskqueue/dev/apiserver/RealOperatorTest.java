package dev.taskqueue.dev.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.taskqueue.operator.TaskQueueOperator;
import dev.taskqueue.operator.ops.Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Runs the unchanged operator over HTTP against the embedded API server, with a worker on loopback. It covers the ways in which a Task can end. */
class RealOperatorTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private static EmbeddedApiServer server;
    private static Http http;
    private static TaskQueueOperator operator;
    private static HttpServer worker;

    /** The paths that were called, in order. */
    private static final BlockingQueue<String> CALLS = new LinkedBlockingQueue<>();

    private static final BlockingQueue<String> TOKENS = new LinkedBlockingQueue<>();

    @BeforeAll
    static void start() throws IOException {
        server = EmbeddedApiServer.start(0, InstantSource.system());
        http = new Http(server.url());
        worker = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.20.0.10"), 0), 0);
        worker.createContext("/", RealOperatorTest::work);
        worker.start();
        http.post("/api/v1/namespaces/default/services", """
                metadata: {name: worker}
                spec: {clusterIP: 127.20.0.10, ports: [{name: http, port: %d}]}
                """.formatted(
                        worker.getAddress().getPort()));
        http.post("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", slice("worker", "127.20.0.10"));
        http.post("/api/v1/namespaces/default/serviceaccounts", "metadata: {name: caller}");
        http.post("/apis/taskqueue.dev/v1beta1/namespaces/default/taskqueues", """
                metadata: {name: q}
                spec: {retry: {minBackoff: 100ms, maxBackoff: 100ms, maxAttempts: 3, giveUp: WhenEither}}
                """);
        var settings = Map.of(
                "TASKQUEUE_HTTP_PORT", "0",
                "TASKQUEUE_LEADER_ELECTION", "false",
                "TASKQUEUE_ALLOWED_TARGET_CIDRS", "127.20.0.0/16");
        operator = new TaskQueueOperator(
                ((Config.Reading.Valid) Config.read(settings, Path.of("none"))).config(), server.clientConfig());
    }

    @AfterAll
    static void stop() {
        operator.close();
        worker.stop(0);
        http.close();
        server.close();
    }

    private static String slice(String service, String address) {
        return """
                metadata: {name: %s-1, labels: {kubernetes.io/service-name: %s}}
                addressType: IPv4
                endpoints: [{addresses: [%s], conditions: {ready: true}}]
                ports: [{name: http, port: %d, protocol: TCP}]
                """.formatted(service, service, address, worker.getAddress().getPort());
    }

    private static void work(HttpExchange exchange) throws IOException {
        try (exchange) {
            CALLS.add(exchange.getRequestURI().getPath());
            Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                    .ifPresent(TOKENS::add);
            boolean first = "1".equals(exchange.getRequestHeaders().getFirst("TaskQueue-Attempt"));
            int code = switch (exchange.getRequestURI().getPath()) {
                case "/second-time" -> first ? 503 : 200;
                case "/never" -> 500;
                default -> 200;
            };
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(code, -1);
        }
    }

    private static void task(String name, String request) {
        Http.Reply reply = http.post(
                Http.TASKS,
                "{metadata: {name: %s}, spec: {queueRef: {name: q}, httpRequest: {%s}}}".formatted(name, request));
        assertThat(reply.code()).as(reply.body().toString()).isEqualTo(201);
    }

    private static JsonNode awaitState(String name, String state) {
        Awaitility.await(name + " is " + state)
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(status(name).path("state").asText()).isEqualTo(state));
        return status(name);
    }

    private static JsonNode status(String name) {
        return http.get(Http.TASKS + "/" + name).body().path("status");
    }

    @Test
    void aTaskSucceeds() {
        task("good", "serviceRef: {name: worker}, path: /good, body: hello");
        JsonNode status = awaitState("good", "Succeeded");
        assertThat(status.path("lastAttempt").path("statusCode").asInt()).isEqualTo(200);
        assertThat(status.path("dispatchCount").asInt()).isEqualTo(1);
    }

    @Test
    void aTaskIsTriedAgainAndOneThatNeverWorksFails() {
        task("second", "serviceRef: {name: worker}, path: /second-time");
        task("never", "serviceRef: {name: worker}, path: /never");
        assertThat(awaitState("second", "Succeeded").path("dispatchCount").asInt())
                .isEqualTo(2);
        JsonNode failed = awaitState("never", "Failed");
        assertThat(failed.path("dispatchCount").asInt()).isEqualTo(3);
        assertThat(failed.path("attempts")).hasSize(3);
    }

    @Test
    void aTaskThatFailsForGoodGoesOnAsADeadLetter() {
        http.post("/apis/taskqueue.dev/v1beta1/namespaces/default/taskqueues", """
                metadata: {name: dead}
                spec: {httpTarget: {mode: Always, path: /dead}}
                """);
        http.post("/apis/taskqueue.dev/v1beta1/namespaces/default/taskqueues", """
                metadata: {name: once}
                spec: {retry: {maxAttempts: 1, giveUp: WhenEither}, deadLetter: {queueRef: {name: dead}}}
                """);
        JsonNode created = http.post(
                        Http.TASKS,
                        "{metadata: {name: a}, spec: {queueRef: {name: once}, httpRequest: {serviceRef: {name: worker}, path: /never}}}")
                .body();
        awaitState("a", "Failed");
        awaitState("a-dl-" + created.path("metadata").path("uid").asText().substring(0, 8), "Succeeded");
        assertThat(CALLS).contains("/dead");
    }

    @Test
    void aTaskOfAMissingServiceStartsWhenThatComes() {
        task("early", "serviceRef: {name: late}, path: /early");
        Awaitility.await("the reason")
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(status("early").path("conditions").toString())
                                .contains("TargetNotFound"));
        http.post("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", slice("late", "127.20.0.10"));
        // The Service has no address, so its endpoints are called.
        http.post(
                "/api/v1/namespaces/default/services",
                "{metadata: {name: late}, spec: {ports: [{name: http, port: 80}]}}");
        awaitState("early", "Succeeded");
    }

    @Test
    void aDeletedTaskIsNotSent() throws InterruptedException {
        http.post(
                Http.TASKS,
                "{metadata: {name: gone}, spec: {queueRef: {name: q}, delay: 2s, httpRequest: {serviceRef: {name: worker}, path: /gone}}}");
        awaitState("gone", "Scheduled");
        assertThat(http.delete(Http.TASKS + "/gone", "{}").code()).isEqualTo(200);
        http.post(
                Http.TASKS,
                "{metadata: {name: after}, spec: {queueRef: {name: q}, delay: 3s, httpRequest: {serviceRef: {name: worker}, path: /after}}}");
        awaitState("after", "Succeeded");
        assertThat(CALLS).contains("/after").doesNotContain("/gone");
    }

    @Test
    void theWorkerCanVerifyTheToken() throws Exception {
        task("signed", "serviceRef: {name: worker}, path: /signed, serviceAccountToken: {serviceAccountName: caller}");
        String header = TOKENS.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(header).startsWith("Bearer ");
        var token = SignedJWT.parse(header.substring("Bearer ".length()));
        var keys = JWKSet.parse(http.get("/openid/v1/jwks").body().toString());
        assertThat(token.verify(new RSASSAVerifier(
                        keys.getKeyByKeyId(token.getHeader().getKeyID()).toRSAKey())))
                .isTrue();
        assertThat(token.getJWTClaimsSet().getSubject()).isEqualTo("system:serviceaccount:default:caller");
        assertThat(token.getJWTClaimsSet().getAudience()).containsExactly("http://worker.default.svc");
    }

    @Test
    void theQueueTellsThatItIsReady() {
        Awaitility.await("Ready")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(http.get("/apis/taskqueue.dev/v1beta1/namespaces/default/taskqueues/q")
                                .body()
                                .path("status")
                                .path("conditions")
                                .toString())
                        .contains("\"type\":\"Ready\"")
                        .contains("\"status\":\"True\""));
    }
}
