package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** TaskBatches on a real API server. */
class TaskBatchIT {
    private static final String HEAD = "{queueRef: {name: q}, template: {httpRequest: {serviceRef: {name: worker}}}, ";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    private void start(String queue) {
        cluster.queue("q", queue);
        cluster.operator();
    }

    @Test
    void everyItemIsDeliveredOnceAndTheStatusCounts() {
        start("{}");
        cluster.batch("b", HEAD + "count: 1000}");
        JsonNode status = cluster.awaitBatchState("b", "Succeeded");
        assertThat(status.path("progress").asText()).isEqualTo("1000/1000");
        assertThat(status.path("succeeded").asText()).isEqualTo("0-999");
        assertThat(status.path("counts").path("succeeded").asInt()).isEqualTo(1000);
        assertThat(worker.received()).hasSize(1000);
        assertThat(worker.received().stream().map(request -> request.header("TaskQueue-Batch-Index")))
                .doesNotHaveDuplicates();
    }

    @Test
    void aLineReplacesPathHeadersAndBody() {
        start("{}");
        cluster.batch(
                "b",
                HEAD + "lines: \"{\\\"path\\\": \\\"/one\\\", \\\"body\\\": {\\\"a\\\": 1}}\\n"
                        + "{\\\"key\\\": \\\"two\\\", \\\"headers\\\": {\\\"X-A\\\": \\\"b\\\"}, \\\"body\\\": \\\"text\\\"}\"}");
        cluster.awaitBatchState("b", "Succeeded");
        RecordingWorker.Received one = received("0");
        assertThat(one.line()).startsWith("POST /one ");
        assertThat(one.text()).isEqualTo("{\"a\": 1}");
        assertThat(one.header("Content-Type")).isEqualTo("application/json");
        assertThat(one.header("X-CloudTasks-TaskName")).isEqualTo("b-0");
        RecordingWorker.Received two = received("1");
        assertThat(two.text()).isEqualTo("text");
        assertThat(two.header("X-A")).isEqualTo("b");
        assertThat(two.header("X-CloudTasks-TaskName")).isEqualTo("two");
        assertThat(two.header("TaskQueue-Batch-Size")).isEqualTo("2");
        assertThat(two.header("Idempotency-Key")).endsWith("-1");
    }

    private RecordingWorker.Received received(String index) {
        return worker.received().stream()
                .filter(request -> index.equals(request.header("TaskQueue-Batch-Index")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void failedItemsAreToldAndRedrivenAlone() {
        start("{retry: {maxAttempts: 2, giveUp: WhenEither, minBackoff: 100ms, maxBackoff: 100ms}}");
        Set<String> broken = ConcurrentHashMap.newKeySet();
        broken.addAll(Set.of("3", "7"));
        worker.answers(request -> broken.contains(request.header("TaskQueue-Batch-Index")) ? 503 : 200);
        cluster.batch("b", HEAD + "count: 20}");
        JsonNode status = cluster.awaitBatchState("b", "Failed");
        assertThat(status.path("failed").asText()).isEqualTo("3,7");
        assertThat(status.path("failures").path(0).path("attempts").asInt()).isEqualTo(2);
        assertThat(worker.received()).hasSize(22);
        broken.clear();
        cluster.annotateBatch("b", "taskqueue.dev/redrive=1");
        status = cluster.awaitBatchState("b", "Succeeded");
        assertThat(status.path("round").path("number").asInt()).isEqualTo(2);
        assertThat(status.path("lastHandledRedrive").asText()).isEqualTo("1");
        assertThat(worker.received()).hasSize(24);
    }

    @Test
    void aBatchWithAWrongLineEndsBeforeAnythingIsSent() {
        start("{}");
        cluster.batch("b", HEAD + "lines: \"{}\\n{\\\"paht\\\": \\\"/x\\\"}\"}");
        JsonNode status = cluster.awaitBatchState("b", "Failed");
        assertThat(condition(status, "Succeeded").path("reason").asText()).isEqualTo("InvalidSpec");
        assertThat(condition(status, "Succeeded").path("message").asText()).contains("line 2");
        assertThat(worker.received()).isEmpty();
    }

    private static JsonNode condition(JsonNode status, String type) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition;
            }
        }
        throw new AssertionError("there is no condition " + type + " in " + status);
    }

    @Test
    void afterTooManyFailuresTheRestIsSkipped() {
        start("{rateLimits: {maxConcurrentDispatches: 1}, retry: {maxAttempts: 1, giveUp: WhenEither}}");
        worker.codes(500);
        cluster.batch("b", HEAD + "maxFailed: 2, count: 50}");
        JsonNode status = cluster.awaitBatchState("b", "Failed");
        assertThat(condition(status, "Succeeded").path("reason").asText()).isEqualTo("TooManyFailed");
        assertThat(status.path("counts").path("failed").asInt()).isEqualTo(3);
        assertThat(status.path("counts").path("skipped").asInt()).isEqualTo(47);
        assertThat(worker.received()).hasSize(3);
    }

    @Test
    void aCancelledBatchSendsNothingFurther() {
        start("{rateLimits: {maxDispatchesPerSecond: 5, maxBurstSize: 1}}");
        cluster.batch("b", HEAD + "count: 500}");
        await().until(() -> worker.received().size() > 2);
        cluster.annotateBatch("b", "taskqueue.dev/cancel=wrong customers");
        JsonNode status = cluster.awaitBatchState("b", "Failed");
        assertThat(condition(status, "Succeeded").path("reason").asText()).isEqualTo("Cancelled");
        assertThat(status.path("counts").path("succeeded").asInt())
                .isEqualTo(worker.received().size());
        assertThat(status.path("progress").asText()).isEqualTo("500/500");
    }

    @Test
    void aCancelledBatchIsStartedAgainOnceTheAnnotationIsRemoved() {
        start("{state: Paused}");
        cluster.batch("b", HEAD + "count: 3}");
        cluster.annotateBatch("b", "taskqueue.dev/cancel=wrong customers");
        JsonNode status = cluster.awaitBatchState("b", "Failed");
        assertThat(status.path("skipped").asText()).isEqualTo("0-2");
        cluster.patchQueue("q", "{spec: {state: Running}}");
        cluster.annotateBatch("b", "taskqueue.dev/redrive=1");
        cluster.batch("c", HEAD + "count: 3}");
        cluster.awaitBatchState("c", "Succeeded");
        assertThat(worker.received()).hasSize(3);
        cluster.annotateBatch("b", "taskqueue.dev/cancel-");
        cluster.awaitBatchState("b", "Succeeded");
        assertThat(worker.received()).hasSize(6);
    }

    @Test
    void aHeldBatchWaitsAndItsQueueGoesOn() {
        start("{}");
        cluster.create(
                "{apiVersion: taskqueue.dev/v1beta1, kind: TaskBatch, metadata: {name: b, annotations: {taskqueue.dev/hold: later}}, spec: "
                        + HEAD + "count: 5}}");
        cluster.batch("c", HEAD + "count: 5}");
        cluster.awaitBatchState("c", "Succeeded");
        assertThat(worker.received()).hasSize(5);
        cluster.awaitBatch(
                "b",
                status ->
                        condition(status, "Succeeded").path("message").asText().startsWith("Held: later."),
                "Held");
        cluster.annotateBatch("b", "taskqueue.dev/hold-");
        cluster.awaitBatchState("b", "Succeeded");
    }

    @Test
    void somePeopleSendSomeItemsOfNextWeekNow() {
        start("{}");
        cluster.batch("b", HEAD + "delay: 168h, count: 20}");
        cluster.awaitBatchState("b", "Scheduled");
        cluster.annotateBatch("b", "taskqueue.dev/run-now=7,12-14 x1");
        await().until(() -> worker.received().size() == 4);
        var indexes = new HashSet<String>();
        worker.received().forEach(request -> indexes.add(request.header("TaskQueue-Batch-Index")));
        assertThat(indexes).containsExactlyInAnyOrder("7", "12", "13", "14");
        cluster.annotateBatch("b", "taskqueue.dev/run-now=all");
        cluster.awaitBatchState("b", "Succeeded");
        assertThat(worker.received()).hasSize(20);
    }

    @Test
    void deadLettersAreBatches() {
        cluster.queue("dead", "{}");
        start("{retry: {maxAttempts: 1, giveUp: WhenEither}, deadLetter: {queueRef: {name: dead}}}");
        worker.answers(request -> request.header("TaskQueue-DeadLetter-Queue").isEmpty() ? 422 : 200);
        cluster.batch("b", HEAD + "count: 300}");
        JsonNode status = cluster.awaitBatchState("b", "Failed");
        int letters = status.path("deadLetters").path("created").asInt();
        assertThat(letters).isBetween(1, 3);
        assertThat(status.path("deadLetters").path("open").asText()).isEmpty();
        await().until(() -> worker.received().stream()
                        .filter(request ->
                                !request.header("TaskQueue-DeadLetter-Queue").isEmpty())
                        .count()
                == 300);
    }

    @Test
    void theTaskOfOnFinishedComesOnceAfterTheLastItem() {
        start("{retry: {maxAttempts: 1, giveUp: WhenEither}}");
        worker.answers(request -> "4".equals(request.header("TaskQueue-Batch-Index")) ? 422 : 200);
        cluster.batch("b", HEAD + "count: 10, onFinished: {httpRequest: {serviceRef: {name: worker}, path: /report}}}");
        JsonNode status = cluster.awaitBatchState("b", "Failed");
        String task = status.path("onFinishedTask").asText();
        assertThat(task).startsWith("b-done-");
        cluster.awaitState(task, "Succeeded");
        assertThat(worker.received()).hasSize(11);
        RecordingWorker.Received report = worker.received().getLast();
        assertThat(report.line()).contains(" /report ");
        assertThat(report.text()).contains("\"failedIndexes\":\"4\"");
    }

    @Test
    void aPurgeDeletesTheBatch() {
        start("{state: Paused}");
        cluster.batch("b", HEAD + "count: 10}");
        await().untilAsserted(() -> assertThat(
                        cluster.queueStatus("q").path("stats").path("queued").asInt())
                .isEqualTo(10));
        // Creation times and the cutoff are whole seconds.
        Instant created = Instant.now();
        await().until(() -> Instant.now().isAfter(created.plusSeconds(1)));
        cluster.patchQueue("q", "{spec: {purgeBefore: '2100-01-01T00:00:00Z'}}");
        await().until(() -> cluster.kubectl("get", "taskbatches", "-o", "name").isBlank());
        assertThat(worker.received()).isEmpty();
    }

    @Test
    void finishedBatchesAreDeletedAfterTheirRetention() {
        start("{retention: {succeeded: 0s}}");
        cluster.batch("b", HEAD + "count: 10}");
        await().until(() -> worker.received().size() == 10);
        await().until(() -> cluster.kubectl("get", "taskbatches", "-o", "name").isBlank());
    }

    @Test
    void aBatchOfAMissingServiceSaysSoAndGoesOnWhenItAppears() {
        start("{}");
        cluster.batch("b", "{queueRef: {name: q}, template: {httpRequest: {serviceRef: {name: late}}}, count: 100}");
        JsonNode status = cluster.awaitBatch(
                "b",
                found -> "TargetNotFound"
                        .equals(found.path("conditions").path(0).path("reason").asText()),
                "TargetNotFound");
        assertThat(condition(status, "Accepted").path("message").asText()).contains("late");
        cluster.worker("late");
        cluster.awaitBatchState("b", "Succeeded");
    }

    @Test
    void aRestartGoesOnWhereTheBatchWas() {
        cluster.queue("q", "{rateLimits: {maxDispatchesPerSecond: 20, maxBurstSize: 1}}");
        var first = cluster.operator();
        cluster.batch("b", HEAD + "count: 60}");
        await().until(() -> worker.received().size() > 15);
        first.close();
        int sent = worker.received().size();
        cluster.operator();
        cluster.awaitBatchState("b", "Succeeded");
        assertThat(sent).isLessThan(60);
        assertThat(worker.received().stream().map(request -> request.header("TaskQueue-Batch-Index")))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 60).mapToObj(Integer::toString).toList());
    }

    @Test
    void whatAPersonWantsNowIsStillWantedAfterARestart() {
        cluster.queue("q", "{state: Paused}");
        var first = cluster.operator();
        cluster.batch("b", HEAD + "delay: 1h, count: 20}");
        cluster.awaitBatchState("b", "Scheduled");
        cluster.kubectl("annotate", "taskbatch", "b", "taskqueue.dev/run-now=all");
        cluster.awaitBatch(
                "b", status -> status.path("lastHandledRunNow").asText().equals("all"), "lastHandledRunNow");
        first.close();
        cluster.operator();
        cluster.patchQueue("q", "{spec: {state: Running}}");
        cluster.awaitBatchState("b", "Succeeded");
        assertThat(worker.received()).hasSize(20);
    }

    @Test
    void aBatchThatKubectlHasAppliedBearsItsEnd() {
        start("{}");
        cluster.create("""
                apiVersion: taskqueue.dev/v1beta1
                kind: TaskBatch
                metadata: {name: b, annotations: {kubectl.kubernetes.io/last-applied-configuration: '{}'}}
                spec: %scount: 2}
                """.formatted(HEAD));
        cluster.awaitBatchState("b", "Succeeded");
        await().until(() -> cluster.kubectl(
                        "get", "taskbatch", "b", "-o", "jsonpath={.metadata.annotations.taskqueue\\.dev/completed}")
                .contains("Succeeded"));
    }

    @Test
    void kubectlShowsProgress() {
        start("{}");
        cluster.batch("b", HEAD + "count: 3}");
        cluster.awaitBatchState("b", "Succeeded");
        assertThat(cluster.kubectl("get", "taskbatches", "b")
                        .lines()
                        .skip(1)
                        .findFirst()
                        .orElseThrow())
                .containsPattern("b +q +Succeeded +Delivered +3/3");
    }
}
