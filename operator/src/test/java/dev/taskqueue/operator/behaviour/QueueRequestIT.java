package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.TestCluster;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A request that is built from a Task and its queue: what is sent, and that {@code status.request} shows it before and after. */
class QueueRequestIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String OWN = "{queueRef: {name: orders}, %s httpRequest: {path: '/own?x=1', method: POST,"
            + " headers: {X-Own: own, x-both: own}, bodyFrom: {secretKeyRef: {name: sources, key: body}}}}";

    private static final String WHERE_THE_TASK_WINS = """
            "body": "Secret sources, key body", "queueGeneration": 1,
            "fromQueue": ["serviceRef", "serviceAccountToken", "headers.X-Env", "secretHeaders.X-Api-Key"]""";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void createSources() {
        cluster.plane().createServiceAccount(cluster.namespace(), "caller");
        cluster.create(
                "{apiVersion: v1, kind: Secret, metadata: {name: sources}, stringData: {body: private, apiKey: secret}}");
    }

    @Test
    void theTaskWinsAndStatusSaysWhatIsTheQueues() throws Exception {
        start("");
        Received received = deliver("a");
        assertThat(received.line()).isEqualTo("POST /own?x=1 HTTP/1.1");
        assertThat(received.text()).isEqualTo("private");
        assertThat(received.header("X-Both")).isEqualTo("own");
        assertThat(received.header("X-Own") + received.header("X-Env")).isEqualTo("ownqueue");
        assertThat(request("a")).isEqualTo(expected("POST", "/own?x=1", "x-both", WHERE_THE_TASK_WINS));
    }

    @Test
    void withAlwaysTheQueueWinsAndANewerQueueIsTold() throws Exception {
        start("mode: Always,");
        Received received = deliver("a");
        assertThat(received.line()).isEqualTo("PUT /queue HTTP/1.1");
        assertThat(received.header("X-Both")).isEqualTo("queue");
        String fromQueue = """
                "fromQueue": ["serviceRef", "path", "method", "serviceAccountToken", "headers.X-Both", "headers.X-Env",
                  "secretHeaders.X-Api-Key"]""";
        assertThat(request("a")).isEqualTo(expected("PUT", "/queue", "X-Both", """
                        "body": "Secret sources, key body", "queueGeneration": 1,
""" + fromQueue));

        cluster.patchQueue("orders", "{spec: {httpTarget: {method: GET}}}");
        cluster.awaitSettled("orders", 2);
        assertThat(deliver("b").body()).isEmpty();
        assertThat(request("b")).isEqualTo(expected("GET", "/queue", "X-Both", "\"queueGeneration\": 2, " + fromQueue));
    }

    @Test
    void whatWillGoOutIsToldBeforeItDoesAndTakenBackWhereItWentOtherwise() throws Exception {
        start("");
        cluster.task("a", OWN.formatted("delay: 6s,"));
        cluster.awaitState("a", "Scheduled");
        assertThat(request("a")).isEqualTo(expected("POST", "/own?x=1", "x-both", WHERE_THE_TASK_WINS));

        cluster.patchQueue(
                "orders",
                "{spec: {httpTarget: {headers: null, secretHeaders: null, serviceAccountToken: null, mode: Always,"
                        + " method: GET, path: /queue}}}");
        cluster.awaitState("a", "Succeeded");
        JsonNode sent = request("a");
        assertThat(sent.path("method").asText() + sent.path("url").asText())
                .isEqualTo("GEThttp://worker.%s.svc:%d/queue".formatted(cluster.namespace(), worker.port()));
        assertThat(List.of("secretHeaders", "body", "serviceAccountName", "audience"))
                .noneMatch(sent::has);
        assertThat(sent.path("queueGeneration").asInt()).isEqualTo(2);
    }

    @Test
    void ofATargetThatIsNotThereYetAsMuchIsToldAsIsKnown() throws Exception {
        cluster.queue("orders", "{httpTarget: {serviceRef: {name: later, port: web}}}");
        cluster.operator();
        cluster.task("a", "{queueRef: {name: orders}}");
        cluster.awaitReason("a", "TargetNotFound");
        assertThat(request("a").path("url").asText()).isEqualTo("later." + cluster.namespace() + ".svc:web/");
    }

    @Test
    void aQueueWithoutATargetTellsNothing() {
        cluster.queue("orders", "{}");
        cluster.operator();
        cluster.task("a", "{queueRef: {name: orders}, delay: 3s, httpRequest: {serviceRef: {name: worker}}}");
        assertThat(cluster.awaitState("a", "Scheduled").has("request")).isFalse();
        assertThat(cluster.awaitState("a", "Succeeded").has("request")).isFalse();
    }

    private void start(String mode) {
        cluster.queue("orders", """
                {httpTarget: {%s serviceRef: {name: worker}, path: /queue, method: PUT,
                  headers: {X-Env: queue, X-Both: queue},
                  secretHeaders: [{name: X-Api-Key, secretKeyRef: {name: sources, key: apiKey}}],
                  serviceAccountToken: {serviceAccountName: caller}}}""".formatted(mode));
        cluster.operator();
    }

    private Received deliver(String task) {
        cluster.task(task, OWN.formatted(""));
        cluster.awaitState(task, "Succeeded");
        return worker.received(task).getFirst();
    }

    /** The status as a user reads it. */
    private JsonNode request(String task) throws JsonProcessingException {
        String text = cluster.kubectl("get", "tasks.taskqueue.dev", task, "-o", "jsonpath={.status.request}");
        assertThat(text).doesNotContain("private").doesNotContain("secret\"");
        return JSON.readTree(text);
    }

    private JsonNode expected(String method, String path, String both, String more) throws JsonProcessingException {
        String host = "worker." + cluster.namespace() + ".svc";
        String names =
                both.equals("x-both") ? "[\"x-both\", \"X-Env\", \"X-Own\"]" : "[\"X-Both\", \"X-Env\", \"X-Own\"]";
        return JSON.readTree("""
                {"method": "%s", "url": "http://%s:%d%s", "headers": %s, "secretHeaders": ["X-Api-Key"],
                 "serviceAccountName": "caller", "audience": "http://%s", %s}""".formatted(method, host, worker.port(), path, names, host, more));
    }
}
