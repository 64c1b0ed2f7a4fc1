package dev.taskqueue.operator.behaviour;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import dev.taskqueue.operator.testing.TestingCollector;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bodies and headers from Secrets and ConfigMaps: the operator reads them for each attempt, waits for them, and never shows them. */
class SourcesIT {
    private static final String CANARY = "canary-4f1d8b";
    private static final String QUERY = "query-canary-91";
    private static final String FROM_SECRET = "bodyFrom: {secretKeyRef: {name: sources, key: body}}";
    private static final String FROM_CONFIG = "bodyFrom: {configMapKeyRef: {name: sources, key: body}}";
    private static final String API_KEY =
            "secretHeaders: [{name: X-Api-Key, secretKeyRef: {name: sources, key: apiKey}}]";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    @AutoClose
    private final TestingCollector collector = new TestingCollector();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void createQueue() {
        cluster.queue("orders", "{retry: {maxAttempts: 2, minBackoff: 100ms}}");
    }

    @Test
    void aBodyComesFromASecretOrAConfigMapAsItLiesThere() {
        cluster.operator();
        secret("body: " + base64("{\"a\": 1}"));
        cluster.create("""
                {apiVersion: v1, kind: ConfigMap, metadata: {name: sources}, immutable: true, data: {body: "grün\\n"},
                 binaryData: {raw: AP8N}}
                """);
        assertThat(deliver("secret", FROM_SECRET).text()).isEqualTo("{\"a\": 1}");
        assertThat(deliver("text", FROM_CONFIG).text()).isEqualTo("grün\n");
        assertThat(deliver("binary", FROM_CONFIG.replace("key: body", "key: raw"))
                        .body())
                .containsExactly(0, -1, 13);
    }

    @Test
    void aBodyMayHaveAMebibyte() {
        byte[] body = new byte[1 << 20];
        new Random(1).nextBytes(body);
        cluster.plane()
                .client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(cluster.namespace())
                        .withName("sources")
                        .endMetadata()
                        .addToData("body", Base64.getEncoder().encodeToString(body))
                        .build())
                .create();
        cluster.operator();
        assertThat(deliver("a", FROM_SECRET).body()).isEqualTo(body);
    }

    @Test
    void aMissingSecretAndThenItsMissingKeyAreWaitedFor() {
        cluster.operator();
        cluster.task("a", to(FROM_SECRET));
        assertWaits("Secret " + cluster.namespace() + "/sources does not exist: create it with the key body.");
        secret("other: " + base64("x"));
        cluster.await(
                "a",
                status -> StatusConditions.sentence(status)
                        .equals("Secret " + cluster.namespace() + "/sources has no key body: add the key."),
                "waiting for the key");
        cluster.patch("secret", "sources", "{stringData: {body: here}}");
        assertGoes("here");
    }

    @Test
    void aChangedSourceCountsWithTheNextAttempt() {
        secret("body: " + base64("first") + ", apiKey: " + base64("key-1"));
        worker.script(request -> {
            cluster.patch("secret", "sources", "{stringData: {body: second, apiKey: key-2}}");
            return Answer.of(worker.received().size() == 1 ? 503 : 200);
        });
        // This is longer than a preparation is kept.
        cluster.patchQueue("orders", "{spec: {retry: {minBackoff: 7s}}}");
        cluster.operator();
        cluster.task("a", to(FROM_SECRET + ", " + API_KEY));
        cluster.awaitState("a", "Succeeded");
        assertThat(worker.received("a")).extracting(Received::text).containsExactly("first", "second");
        assertThat(worker.received("a"))
                .extracting(request -> request.header("X-Api-Key"))
                .containsExactly("key-1", "key-2");
    }

    @Test
    void withoutThePermissionToReadTheTaskSaysWhatToGrant() {
        secret("body: " + base64("here"));
        cluster.account().withhold("taskqueue-sources");
        cluster.operator();
        cluster.task("a", to(FROM_SECRET));
        assertWaits("grant it the verb get on secrets with resourceNames [sources] in namespace " + cluster.namespace()
                + ".");
        cluster.account().giveBack("taskqueue-sources");
        assertGoes("here");
        long denied = cluster.account().requests().denied();
        deliver("b", FROM_SECRET + ", " + "headers: {X-A: '1'}");
        assertThat(cluster.account().requests().denied()).isEqualTo(denied);
    }

    @Test
    void aSecretHeaderIsOneOfTheRequestAndTheWinnersOfTaskAndQueue() {
        secret("apiKey: " + base64("of the task\n") + ", queues: " + base64("of the queue"));
        cluster.queue(
                "other",
                "{httpTarget: {secretHeaders: [{name: x-api-key, secretKeyRef: {name: sources, key: queues}},"
                        + " {name: X-Queue, secretKeyRef: {name: sources, key: queues}}]}}");
        cluster.operator();
        assertThat(deliver("own", API_KEY).header("X-Api-Key")).isEqualTo("of the task");
        Received both = deliver("other", "both", API_KEY);
        assertThat(both.header("X-Api-Key")).isEqualTo("of the task");
        assertThat(both.header("X-Queue")).isEqualTo("of the queue");
        assertThat(deliver("other", "queues", "").header("X-Api-Key")).isEqualTo("of the queue");
        assertThat(deliver("other", "plain", "headers: {X-Api-Key: plain}").header("X-Api-Key"))
                .isEqualTo("plain");
        cluster.patchQueue("other", "{spec: {httpTarget: {mode: Always}}}");
        cluster.awaitSettled("other", 2);
        assertThat(deliver("other", "always", API_KEY).header("X-Api-Key")).isEqualTo("of the queue");
    }

    @Test
    void whatIsSecretIsToldNowhere() {
        OperatorProcess operator =
                cluster.process("LOG_LEVEL=debug", "LOG_ATTEMPTS=all", "TRACES_ENDPOINT=" + collector.endpoint());
        secret("body: %1$s, apiKey: %2$s".formatted(base64(CANARY), base64(CANARY + "\nX-Evil: 1")));
        cluster.task("a", to(FROM_SECRET + ", " + API_KEY + ", path: /?key=" + QUERY));
        JsonNode waiting = cluster.awaitReason("a", "SourceNotFound");
        assertThat(StatusConditions.message(waiting))
                .startsWith(
                        "Key apiKey of Secret " + cluster.namespace() + "/sources cannot be sent: The value of header");
        assertThat(worker.received()).isEmpty();
        String told = waiting.toString();

        worker.codes(500);
        cluster.patch("secret", "sources", "{stringData: {apiKey: %s}}".formatted(CANARY));
        told += cluster.awaitState("a", "Failed").toString();
        assertThat(worker.received("a").getFirst().text()).isEqualTo(CANARY);
        assertThat(worker.received("a").getFirst().header("X-Api-Key")).isEqualTo(CANARY);

        Awaitility.await().until(() -> events().contains("RetriesExhausted"));
        Awaitility.await().until(() -> !collector.spans().isEmpty());
        assertThat(operator.metrics()).contains("taskqueue_attempts_total");
        assertThat(operator.log()).contains("Attempt failed namespace=" + cluster.namespace() + " queue=orders task=a");
        String observed = events() + operator.metrics() + operator.log() + collector.received();
        told += cluster.kubectl("get", "taskqueue", "-o", "yaml") + observed;
        assertThat(told).doesNotContain(CANARY).doesNotContain(base64(CANARY));
        assertThat(observed).doesNotContain(QUERY);
    }

    private String events() {
        return cluster.kubectl("get", "events", "-o", "yaml");
    }

    private void assertWaits(String message) {
        JsonNode status = cluster.awaitReason("a", "SourceNotFound");
        assertThat(StatusConditions.sentence(status)).endsWith(message);
        assertThat(StatusConditions.conditions(status))
                .isEqualTo(Map.of(
                        "Accepted", "False SourceNotFound",
                        "Finished", "False SourceNotFound",
                        "Succeeded", "Unknown SourceNotFound"));
        assertThat(status.has("dispatchCount")).isFalse();
        cluster.task("neighbour", to(""));
        cluster.awaitState("neighbour", "Succeeded");
        assertThat(worker.tasks()).containsExactly("neighbour");
    }

    private void assertGoes(String body) {
        JsonNode status = cluster.awaitState("a", "Succeeded");
        assertThat(status.path("dispatchCount").asInt()).isEqualTo(1);
        assertThat(StatusConditions.conditions(status)).containsEntry("Accepted", "True Accepted");
        assertThat(worker.received("a").getFirst().text()).isEqualTo(body);
    }

    private Received deliver(String name, String request) {
        return deliver("orders", name, request);
    }

    private Received deliver(String queue, String name, String request) {
        cluster.task(name, to(queue, request));
        cluster.awaitState(name, "Succeeded");
        return worker.received(name).getLast();
    }

    private void secret(String data) {
        cluster.create("{apiVersion: v1, kind: Secret, metadata: {name: sources}, data: {" + data + "}}");
    }

    private static String to(String more) {
        return to("orders", more);
    }

    private static String to(String queue, String more) {
        return "{queueRef: {name: %s}, httpRequest: {serviceRef: {name: worker}%s}}"
                .formatted(queue, more.isEmpty() ? "" : ", " + more);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }
}
