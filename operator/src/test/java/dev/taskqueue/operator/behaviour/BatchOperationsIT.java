package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What people do with TaskBatches, and what their handlers see of it, on a real API server. */
class BatchOperationsIT {
    private static final String HEAD = "{queueRef: {name: q}, template: {httpRequest: {serviceRef: {name: worker}}}, ";
    private static final String ONE_ATTEMPT = "{retry: {maxAttempts: 1, giveUp: WhenEither}}";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    private void start(String queue) {
        cluster.queue("q", queue);
        cluster.operator();
    }

    private List<Received> of(String batch, int index) {
        return worker.received().stream()
                .filter(request -> request.header("TaskQueue-Batch").equals(batch)
                        && request.header("TaskQueue-Batch-Index").equals(String.valueOf(index)))
                .toList();
    }

    @Test
    void aRedriveOfTheQueueStartsItsFailedBatchesOnceForEachValue() {
        start(ONE_ATTEMPT);
        Set<String> broken = ConcurrentHashMap.newKeySet();
        broken.add("1");
        worker.answers(request -> broken.contains(request.header("TaskQueue-Batch-Index")) ? 422 : 200);
        cluster.batch("good", HEAD + "count: 1}");
        cluster.batch("b", HEAD + "count: 3}");
        cluster.batch("c", HEAD + "count: 3}");
        cluster.awaitBatchState("good", "Succeeded");
        cluster.awaitBatchState("b", "Failed");
        cluster.awaitBatchState("c", "Failed");
        cluster.annotateQueue("q", "taskqueue.dev/redrive=fixed");
        cluster.awaitQueue("q", status -> status.at("/redrive/remaining").asInt(-1) == 0);
        for (String name : List.of("b", "c")) {
            JsonNode status =
                    cluster.awaitBatch(name, now -> now.at("/round/number").asInt() == 2, "round 2");
            assertThat(status.path("lastHandledQueueRedrive").asText()).isEqualTo("fixed");
            cluster.awaitBatchState(name, "Failed");
        }
        broken.clear();
        cluster.annotateQueue("q", "taskqueue.dev/redrive=again");
        cluster.awaitBatchState("b", "Succeeded");
        cluster.awaitBatchState("c", "Succeeded");
        assertThat(worker.received()).hasSize(7 + 2 + 2);
        Set<String> keys = of("b", 1).stream()
                .map(request -> request.header("Idempotency-Key"))
                .collect(Collectors.toSet());
        assertThat(keys).as("over all rounds").hasSize(1);
    }

    /** As for the handler of a Task. */
    @Test
    void theRetryAfterATimeoutHasTheCodeOfATimeout() {
        start("{retry: {minBackoff: 100ms, maxBackoff: 100ms}}");
        worker.script(request -> request.attempt() == 1 ? Answer.never() : Answer.of(200));
        cluster.batch("b", HEAD.replace("template: {", "template: {dispatchDeadline: 1s, ") + "count: 1}");
        cluster.awaitBatchState("b", "Succeeded");
        Received retry = of("b", 0).get(1);
        assertThat(retry.header("X-CloudTasks-TaskPreviousResponse")).isEqualTo("504");
        assertThat(retry.header("X-CloudTasks-TaskRetryCount")).isEqualTo("1");
        assertThat(retry.header("X-CloudTasks-TaskExecutionCount")).isEqualTo("0");
    }

    @Test
    void runNowWithMoreThanAHundredIndexesMeansAllAndKeepsThePause() {
        start("{state: Paused}");
        cluster.batch("b", HEAD + "delay: 168h, count: 150}");
        cluster.awaitBatchState("b", "Scheduled");
        cluster.annotateBatch("b", "taskqueue.dev/run-now=0-100");
        cluster.awaitBatch(
                "b", status -> status.path("lastHandledRunNow").asText().equals("0-100"), "lastHandledRunNow");
        assertThat(worker.received()).isEmpty();
        cluster.annotateBatch("b", "taskqueue.dev/run-now=0-99");
        await().until(() -> worker.received().size() == 100);
        cluster.patchQueue("q", "{spec: {state: Running}}");
        cluster.awaitBatchState("b", "Succeeded");
        assertThat(worker.received()).hasSize(150);
    }

    @Test
    void aBatchSaysWhatATaskOfItsPausedQueueSays() {
        start("{state: Paused}");
        cluster.batch("b", HEAD + "count: 40}");
        JsonNode status = awaitReason("QueuePaused");
        assertThat(StatusConditions.message(status)).endsWith(" the queue was paused by spec.state.");
        assertThat(status.path("revision").asInt()).isEqualTo(1);
        assertThat(cluster.kubectl("get", "taskbatches", "b", "-o", "wide")).contains("QueuePaused");
        cluster.patchQueue("q", "{spec: {state: Running}}");
        assertThat(StatusConditions.conditions(cluster.awaitBatchState("b", "Succeeded")))
                .containsEntry("Succeeded", "True Delivered");
    }

    @Test
    void aHoldOfTheQueueIsToldInTheMiddleOfABatchAndGoesWhenItIsReleased() {
        start("{rateLimits: {maxDispatchesPerSecond: 5, maxBurstSize: 1}}");
        cluster.batch("b", HEAD + "count: 40}");
        await().until(() -> worker.received().size() > 3);
        cluster.kubectl("annotate", "taskqueue", "q", "taskqueue.dev/hold=incident 1204");
        JsonNode status = awaitReason("QueueHeld");
        assertThat(status.path("state").asText()).isEqualTo("Running");
        assertThat(StatusConditions.message(status)).endsWith(" the queue was held: incident 1204.");
        cluster.kubectl("annotate", "taskqueue", "q", "taskqueue.dev/hold-");
        awaitReason("Running");
    }

    private JsonNode awaitReason(String reason) {
        return cluster.awaitBatch("b", status -> reason.equals(reason(status)), reason);
    }

    private static String reason(JsonNode status) {
        return StatusConditions.conditions(status).getOrDefault("Succeeded", "").replace("Unknown ", "");
    }

    @Test
    void labelsThatSomebodyWritesMeanwhileStayAndDelayNothing() {
        start("{rateLimits: {maxDispatchesPerSecond: 40, maxBurstSize: 1}}");
        cluster.batch("b", HEAD + "count: 200}");
        for (int i = 0; i < 10; i++) {
            int seen = 10 + (15 * i);
            await().until(() -> worker.received().size() > seen);
            cluster.kubectl("label", "--overwrite", "tbatch", "b", "seen-" + i + "=x");
        }
        cluster.awaitBatchState("b", "Succeeded");
        assertThat(cluster.getBatch("b").at("/metadata/labels")).hasSize(10);
        assertThat(worker.received()).hasSize(200);
    }

    /** Before its end a batch is written at most once a second, so one that ends within a second has one write. */
    @Test
    void aBatchThatEndsSoonIsWrittenOnce() {
        start("{}");
        Instant before = Instant.now();
        cluster.batch("b", HEAD + "count: 40}");
        JsonNode status = cluster.awaitBatchState("b", "Succeeded");
        Instant end = Instant.parse(status.path("completionTime").asText());
        assertThat(status.path("revision").asLong())
                .isBetween(1L, 1 + Duration.between(before, end).toSeconds());
    }

    /** Characters below are stored as six bytes each. So the API server takes the object, and would have no room for its status. */
    @Test
    void aBatchWithoutRoomForItsStatusIsInvalid() {
        start("{}");
        String wide = "{\\\"body\\\": \\\"" + "<".repeat(65_000) + "\\\"}\\n";
        String plain = "{\\\"body\\\": \\\"" + "x".repeat(65_000) + "\\\"}\\n";
        cluster.batch("b", HEAD + "lines: \"" + wide.repeat(2) + plain.repeat(10) + "\"}");
        JsonNode status = cluster.awaitBatchState("b", "Failed");
        assertThat(StatusConditions.conditions(status)).containsEntry("Succeeded", "False InvalidSpec");
        assertThat(StatusConditions.message(status)).contains("make smaller batches");
        assertThat(worker.received()).isEmpty();
    }

    @Test
    void withMaxFailedZeroTheFirstFailureStopsTheBatch() {
        start("{rateLimits: {maxConcurrentDispatches: 1}, retry: {maxAttempts: 1, giveUp: WhenEither}}");
        worker.answers(request -> request.header("TaskQueue-Batch-Index").equals("2") ? 422 : 200);
        cluster.batch("b", HEAD + "maxFailed: 0, count: 10}");
        JsonNode status = cluster.awaitBatchState("b", "Failed");
        assertThat(StatusConditions.conditions(status)).containsEntry("Succeeded", "False TooManyFailed");
        assertThat(status.path("failed").asText()).isEqualTo("2");
        assertThat(worker.received()).hasSize(3);
    }

    @Test
    void aPurgeInTheMiddleStopsTheBatchAndDeletesIt() {
        start("{rateLimits: {maxDispatchesPerSecond: 5, maxBurstSize: 1}}");
        cluster.batch("b", HEAD + "count: 500}");
        await().until(() -> worker.received().size() > 7);
        cluster.patchQueue("q", "{spec: {purgeBefore: '2100-01-01T00:00:00Z'}}");
        cluster.awaitQueue("q", status -> status.at("/purge/remaining").asInt(-1) == 0);
        assertThat(cluster.kubectl("get", "tbatch", "-o", "name")).isBlank();
        int sent = worker.received().size();
        cluster.batch("c", HEAD + "count: 5}");
        cluster.awaitBatchState("c", "Succeeded");
        assertThat(worker.received()).hasSize(sent + 5);
    }
}
