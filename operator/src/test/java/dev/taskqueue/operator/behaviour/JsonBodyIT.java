package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a handler gets of {@code httpRequest.json}, from the YAML that a person wrote to the bytes of the request. */
class JsonBodyIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void start() {
        cluster.queue("orders", "{retry: {minBackoff: 100ms}}");
    }

    @Test
    void numbersStringsAndNullsArriveAsTheyWereWritten() {
        cluster.operator();
        create("invoice", """
                json:
                  orderId: "4711"
                  größe: "5 €"
                  large: 9223372036854775807
                  fraction: 0.1
                  exponent: 1e3
                  none: null
                  lines: [{sku: A-1, count: 2, note: null}, [], {}]
                """);
        cluster.awaitState("invoice", "Succeeded");
        var request = worker.received("invoice").getFirst();
        assertThat(request.text())
                .isEqualTo(
                        "{\"exponent\":1000,\"fraction\":0.1,\"größe\":\"5 €\",\"large\":9223372036854775807,"
                                + "\"lines\":[{\"count\":2,\"note\":null,\"sku\":\"A-1\"},[],{}],\"none\":null,\"orderId\":\"4711\"}");
        assertThat(request.header("Content-Type")).isEqualTo("application/json");
    }

    @Test
    void falseIsABodyAndNullIsNone() {
        cluster.operator();
        create("false-body", "json: false");
        create("none", "json: null");
        cluster.awaitState("false-body", "Succeeded");
        cluster.awaitState("none", "Succeeded");
        assertThat(worker.received("false-body").getFirst().text()).isEqualTo("false");
        assertThat(worker.received("none").getFirst().text()).isEmpty();
        assertThat(worker.received("none").getFirst().headers()).doesNotContainKey("Content-Type");
    }

    /** An object that a program cannot read must not stop the watch of its namespace. */
    @Test
    void aValueThatIsTooDeepOrTooLargeSaysSoAndStopsNoOtherTask() {
        create("deep", "json: " + "[".repeat(2_000) + "]".repeat(2_000));
        create("name", "json: {? " + "k".repeat(60_000) + " : 1}");
        create("large", "json: [\"" + "x".repeat(262_141) + "\"]");
        create("other", "json: {a: 1}");
        cluster.operator();
        cluster.awaitState("other", "Succeeded");
        await().until(() -> worker.received("name").size() == 1);
        await().untilAsserted(() -> assertThat(cluster.kubectl(
                        "get", "qtask", "deep", "-o", "jsonpath={.status.state}: {.status.conditions[2].message}"))
                .startsWith("Failed: spec cannot be read: spec.httpRequest.json is nested more than 500 levels deep"));
        JsonNode large = cluster.awaitReason("large", "LimitExceeded");
        assertThat(StatusConditions.message(large))
                .contains("has 262145 bytes as compact JSON, at most 262144 are allowed", "bodyFrom");
    }

    @Test
    void aDeadLetterCarriesItAndARedriveSendsItAgain() {
        cluster.patchQueue("orders", "{spec: {retry: {maxAttempts: 1}, deadLetter: {queueRef: {name: dead}}}}");
        cluster.queue("dead", "{}");
        worker.script(
                request -> Answer.of(request.header("X-CloudTasks-QueueName").equals("dead") ? 200 : 500));
        cluster.operator();
        create("invoice", "json: {b: [1.5, 2], a: null}");
        cluster.awaitState("invoice", "Failed");
        await().until(() -> worker.received().size() == 2);
        String letter = worker.received().getLast().text();
        assertThat(letter).isEqualTo("{\"a\":null,\"b\":[1.5,2]}");
        cluster.annotateTask("invoice", "taskqueue.dev/redrive=1");
        await().until(() -> worker.received("invoice").size() == 2);
        assertThat(worker.received("invoice").getLast().text()).isEqualTo(letter);
    }

    private void create(String name, String request) {
        String body = request.indent(4);
        String task = """
                apiVersion: taskqueue.dev/v1beta1
                kind: Task
                metadata: {name: %s}
                spec:
                  queueRef: {name: orders}
                  httpRequest:
                    serviceRef: {name: worker}
                """.formatted(name) + body;
        cluster.kubectlWithInput(task, "create", "-f", "-");
    }
}
