package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What fails for good in a queue with {@code deadLetter}, and where it goes on. */
class DeadLetterIT {
    private static final Map<String, String> NO_RETRY = Map.of("TaskQueue-No-Retry", "true");
    private static final String DEAD_LETTER = "deadLetter: {queueRef: {name: orders-failed}}";
    private static final String ORDERS = "{" + DEAD_LETTER + "}";

    @AutoClose
    private final TestCluster stage = new TestCluster();

    private final RecordingWorker worker = stage.worker("worker");

    @BeforeEach
    void start() {
        stage.operator();
        worker.script(request -> new Answer(500, NO_RETRY));
    }

    @Test
    void aTaskThatFailsForGoodGoesOnInTheOtherQueue() {
        RecordingWorker handler = stage.worker("handler");
        worker.codes(503, 404);
        stage.queue(
                "orders",
                "{%s, retry: {giveUp: WhenEither, maxAttempts: 2, minBackoff: 10ms}, httpTarget: {headers: {X-Queue: orders}}}"
                        .formatted(DEAD_LETTER));
        stage.queue("orders-failed", "{httpTarget: {mode: Always, serviceRef: {name: handler}}}");
        stage.create("""
                apiVersion: taskqueue.dev/v1beta1
                kind: Task
                metadata:
                  name: invoice
                  labels: {team: shop}
                  annotations: {taskqueue.dev/key: order_4711, meta.helm.sh/release-name: shop}
                spec:
                  queueRef: {name: orders}
                  dispatchDeadline: 30s
                  httpRequest:
                    {serviceRef: {name: worker}, method: PUT, path: '/invoice?x=1', headers: {X-Own: own}, body: 'ä'}
                """);
        String letter = letterOf("invoice");
        JsonNode failed = stage.awaitState("invoice", "Failed");
        assertThat(StatusConditions.sentence(failed)).endsWith("Its dead letter is Task " + letter + ".");
        stage.awaitState(letter, "Succeeded");
        assertThat(worker.received()).hasSize(2);
        assertThat(handler.received()).hasSize(1);
        Received request = handler.received().getFirst();
        assertThat(request.line()).isEqualTo("PUT /invoice?x=1 HTTP/1.1");
        assertThat(request.body()).asString().isEqualTo("ä");
        assertThat(request.headers())
                .containsEntry("X-Own", "own")
                .containsEntry("X-Queue", "orders")
                .containsEntry("X-CloudTasks-QueueName", "orders-failed")
                .containsEntry("X-CloudTasks-TaskName", "order_4711")
                .containsEntry("X-CloudTasks-TaskRetryCount", "0")
                .containsEntry("TaskQueue-DeadLetter-Queue", "orders")
                .containsEntry("TaskQueue-DeadLetter-Task", "invoice")
                .containsEntry("TaskQueue-DeadLetter-Reason", "RetriesExhausted")
                .containsEntry("TaskQueue-DeadLetter-Attempts", "2")
                .containsEntry("TaskQueue-DeadLetter-Status-Code", "404");
        assertThat(worker.received().getFirst().headers()).doesNotContainKey("TaskQueue-DeadLetter-Queue");
        JsonNode object = stage.get(letter);
        assertThat(object.at("/metadata/labels").isMissingNode()).isTrue();
        assertThat(object.at("/metadata/ownerReferences").isMissingNode()).isTrue();
        assertThat(object.at("/metadata/annotations").size()).isEqualTo(1);
        assertThat(object.at("/spec/dispatchDeadline").asText()).isEqualTo("30s");
    }

    @Test
    void withoutItsQueueTheDeadLetterWaitsAndTheTaskDoesNot() {
        stage.queue("orders", ORDERS);
        String letter = create("a", "");
        stage.awaitState("a", "Failed");
        stage.awaitReason(letter, "QueueNotFound");
        worker.codes(200);
        stage.queue("orders-failed", "{}");
        stage.awaitState(letter, "Succeeded");
    }

    @Test
    void whatExpiresHasOneAndWhatCouldNeverBeSentHasNone() {
        stage.queue("orders", "{state: Paused, %s}".formatted(DEAD_LETTER));
        stage.task("invalid", task("").replace("}}}", "}, path: /a/../b}}"));
        String letter =
                create("expires", "expireTime: '%s', ".formatted(Instant.now().plusSeconds(1)));
        stage.awaitReason("invalid", "InvalidSpec");
        stage.awaitReason("expires", "Expired");
        JsonNode of = stage.get(letter).at("/spec/deadLetterOf");
        assertThat(of.path("reason").asText()).isEqualTo("Expired");
        assertThat(of.path("attempts").asInt(-1)).isZero();
        assertThat(of.has("statusCode")).isFalse();
        assertThat(stage.get(letter).at("/spec").has("expireTime")).isFalse();
        assertThat(stage.tasks()).hasSize(3);
    }

    @Test
    void aDeadLetterThatFailsEndsThere() {
        stage.queue("orders", ORDERS);
        stage.queue("orders-failed", "{}");
        String letter = create("a", "");
        stage.awaitReason(letter, "NonRetryable");
        assertThat(stage.tasks()).hasSize(2);
        assertThat(worker.received()).hasSize(2);
    }

    @Test
    void aTaskThatIsStartedAgainAndFailsAnewHasAnother() {
        stage.queue("orders", ORDERS);
        stage.queue("orders-failed", "{}");
        String letter = create("a", "");
        stage.awaitState("a", "Failed");
        stage.annotateTask("a", "taskqueue.dev/redrive=1");
        stage.awaitReason(letter + "-2", "NonRetryable");
        stage.awaitReason(letter, "NonRetryable");
        assertThat(stage.get(letter + "-2").at("/spec/deadLetterOf/attempts").asInt())
                .isEqualTo(2);
    }

    @Test
    void whereNothingIsKeptTheDeadLetterIs() {
        stage.queue("orders", "{retention: {failed: 0s}, %s}".formatted(DEAD_LETTER));
        stage.queue("orders-failed", "{state: Paused}");
        String letter = create("a", "");
        stage.awaitGone("a");
        assertThat(stage.get(letter).at("/spec/deadLetterOf/task").asText()).isEqualTo("a");
    }

    @Test
    void aChainSendsNothingUntilTheOtherQueueIsMended() {
        stage.queue("orders", ORDERS);
        stage.queue("orders-failed", "{}");
        awaitReady("orders", "True Ready");
        stage.patchQueue("orders-failed", "{spec: {deadLetter: {queueRef: {name: others}}}}");
        awaitReady("orders", "False DeadLetterChain");
        assertThat(StatusConditions.conditions(stage.queueStatus("orders-failed")))
                .containsEntry("Ready", "True Ready");
        worker.codes(200);
        stage.task("waits", task(""));
        stage.awaitState("waits", "Queued");
        assertThat(worker.received()).isEmpty();
        stage.patchQueue("orders-failed", "{spec: {deadLetter: null}}");
        stage.awaitState("waits", "Succeeded");
        awaitReady("orders", "True Ready");
        stage.patchQueue("orders-failed", "{spec: {deadLetter: {queueRef: {name: others}}}}");
        awaitReady("orders", "False DeadLetterChain");
        stage.kubectl("delete", "tq", "orders-failed");
        awaitReady("orders", "True Ready");
        stage.queue("orders-failed", "{deadLetter: {queueRef: {name: others}}}");
        awaitReady("orders", "False DeadLetterChain");
        stage.stopLast();
        stage.patchQueue("orders", "{spec: {deadLetter: {queueRef: {name: others}}}}");
        stage.operator();
        awaitReady("orders", "True Ready");
    }

    @Test
    void whatIsInFlightWhenAChainAppearsEndsByItsQueuesOwnRules() {
        var release = new CountDownLatch(1);
        worker.script(request -> {
            if (request.task().equals("a")) {
                release.await();
            }
            return Answer.of(500);
        });
        stage.queue("orders", "{%s, retry: {giveUp: WhenEither, maxAttempts: 1}}".formatted(DEAD_LETTER));
        stage.queue("orders-failed", "{}");
        stage.task("a", task(""));
        await().until(() -> worker.open() == 1);
        stage.patchQueue("orders-failed", "{spec: {state: Paused, deadLetter: {queueRef: {name: orders}}}}");
        awaitReady("orders", "False DeadLetterChain");
        awaitReady("orders-failed", "False DeadLetterChain");
        release.countDown();
        String letter = letterOf("a");
        assertThat(StatusConditions.message(stage.awaitReason("a", "RetriesExhausted")))
                .contains(letter);
        stage.patchQueue("orders", "{spec: {deadLetter: null}}");
        stage.patchQueue("orders-failed", "{spec: {state: Running, retry: {giveUp: WhenEither, maxAttempts: 1}}}");
        awaitReady("orders-failed", "True Ready");
        stage.awaitReason(letter, "RetriesExhausted");
        // Even though its queue now sends on what fails.
        assertThat(stage.tasks()).hasSize(2);
    }

    @Test
    void whatTheApiServerDoesNotTakeIsSaidInTheTask() {
        // Each has as many as it may; together they are more than a Task may have.
        stage.queue("orders", "{%s, httpTarget: {headers: {%s}}}".formatted(DEAD_LETTER, headers("X-Queue", 40)));
        stage.task("many", task("").replace("}}}", "}, headers: {%s}}}".formatted(headers("X-Own", 40))));
        assertThat(StatusConditions.sentence(stage.awaitState("many", "Failed")))
                .endsWith("It has no dead letter in TaskQueue orders-failed: the API server refused it with 422 "
                        + "(spec.httpRequest.headers); change what Task and httpTarget say there together.");
        // Written as JSON, each of these takes six bytes, and etcd takes 1.5 MiB: enough for the Task, and not for its
        // queue's header too.
        stage.queue(
                "wordy", "{%s, httpTarget: {headers: {X-Queue: %s}}}".formatted(DEAD_LETTER, "private".repeat(11_000)));
        stage.task(
                "large",
                task("").replace("name: orders", "name: wordy")
                        .replace("}}}", "}, body: \"%s\"}}".formatted("\\x01".repeat(250_000))));
        assertThat(StatusConditions.message(stage.awaitState("large", "Failed")))
                .contains("It has no dead letter in TaskQueue orders-failed: the API server refused it with 500");
        assertThat(stage.tasks()).hasSize(2);
    }

    private static String headers(String name, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "%s-%d: private".formatted(name, i))
                .collect(Collectors.joining(", "));
    }

    private void awaitReady(String queue, String told) {
        stage.awaitQueue(
                queue, status -> told.equals(StatusConditions.conditions(status).get("Ready")));
    }

    /** Creates a Task and tells the name that its dead letter will have. */
    private String create(String task, String more) {
        stage.task(task, task(more));
        return letterOf(task);
    }

    /** The name that the dead letter of a Task has, or will have. */
    private String letterOf(String task) {
        return task + "-dl-" + stage.get(task).at("/metadata/uid").asText().substring(0, 8);
    }

    private static String task(String more) {
        return "{queueRef: {name: orders}, " + more + "httpRequest: {serviceRef: {name: worker}}}";
    }
}
