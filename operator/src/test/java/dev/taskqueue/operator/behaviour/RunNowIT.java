package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** {@code kubectl annotate tasks.taskqueue.dev NAME taskqueue.dev/run-now=...}. */
class RunNowIT {
    private static final String TASK = "{queueRef: {name: q}, httpRequest: {serviceRef: {name: worker}}}";
    private static final String NEXT_WEEK =
            "{queueRef: {name: q}, delay: 168h, httpRequest: {serviceRef: {name: worker}}}";

    @AutoClose
    private final TestCluster stage = new TestCluster();

    private final RecordingWorker worker = stage.worker("worker");

    @Test
    void aTaskOfNextWeekIsSentOnceAndItsValueIsNotActedOnAgain() {
        start("{}");
        stage.task("a", NEXT_WEEK);
        stage.awaitState("a", "Scheduled");
        runNow("a", "1");
        JsonNode status = stage.awaitState("a", "Succeeded");
        assertThat(status.path("lastHandledRunNow").asText()).isEqualTo("1");
        assertThat(worker.received("a")).hasSize(1);
    }

    @Test
    void aPausedOrHeldQueueSendsItAndNothingElse() {
        start("{state: Paused}");
        stage.task("a", TASK);
        stage.task("b", TASK);
        stage.awaitState("a", "Queued");
        runNow("a", "1");
        stage.awaitState("a", "Succeeded");
        stage.patchQueue("q", "{metadata: {annotations: {taskqueue.dev/hold: audit}}, spec: {state: Running}}");
        stage.awaitQueueState("q", "Held");
        stage.task("c", TASK);
        stage.awaitState("c", "Queued");
        runNow("c", "1");
        stage.awaitState("c", "Succeeded");
        assertThat(stage.status("b").path("state").asText()).isEqualTo("Queued");
        assertThat(worker.tasks()).containsExactly("a", "c");
    }

    @Test
    void aFullQueueWithAnEmptyBucketSendsItToo() {
        start("{rateLimits: {maxDispatchesPerSecond: '0.001', maxBurstSize: 1, maxConcurrentDispatches: 1}}");
        var answer = new CountDownLatch(1);
        worker.script(request -> {
            if (request.task().equals("first")) {
                answer.await();
            }
            return RecordingWorker.Answer.of(200);
        });
        stage.task("first", TASK);
        await().until(() -> worker.open() == 1);
        stage.task("a", TASK);
        stage.awaitState("a", "Queued");
        runNow("a", "1");
        stage.awaitState("a", "Succeeded");
        answer.countDown();
        stage.awaitState("first", "Succeeded");
    }

    @Test
    void aRetryGoesAtOnceAndWhereItFailsTheBackoffCountsFromTheCall() {
        start("{retry: {minBackoff: 10m, maxBackoff: 10m}}");
        worker.codes(500, 500, 200);
        stage.task("a", TASK);
        stage.awaitState("a", "BackingOff");
        Instant asked = Instant.now();
        runNow("a", "1");
        JsonNode status = stage.await("a", now -> now.path("dispatchCount").asInt() == 2, "sent twice");
        Instant next = Instant.parse(status.path("nextAttemptTime").asText());
        Instant called =
                Instant.parse(status.path("lastAttempt").path("scheduleTime").asText());
        assertThat(called).isAfterOrEqualTo(asked.minusMillis(1));
        assertThat(next).isEqualTo(called.plus(Duration.ofMinutes(10)));
        assertThat(status.path("lastHandledRunNow").asText()).isEqualTo("1");
        runNow("a", "2");
        stage.awaitState("a", "Succeeded");
        assertThat(worker.received("a")).hasSize(3);
    }

    @Test
    void aValueIsActedOnOnceAlsoAfterARestartAndAnotherEdit() {
        start("{retry: {minBackoff: 10m, maxBackoff: 10m}}");
        worker.codes(500);
        stage.task("a", TASK);
        stage.awaitState("a", "BackingOff");
        runNow("a", "1");
        stage.await("a", now -> now.path("dispatchCount").asInt() == 2, "sent twice");
        stage.patch("tasks.taskqueue.dev", "a", "{metadata: {labels: {team: shop}}}");
        stage.stopLast();
        stage.operator();
        // What comes after it was taken in after it.
        stage.task("b", TASK);
        stage.awaitState("b", "BackingOff");
        assertThat(worker.received("a")).hasSize(2);
    }

    @Test
    void whatIsInFlightIsNotSentASecondTimeNorOnceItFails() {
        start("{retry: {minBackoff: 10m, maxBackoff: 10m}}");
        var answer = new CountDownLatch(1);
        worker.script(request -> {
            answer.await();
            return RecordingWorker.Answer.of(500);
        });
        stage.task("a", TASK);
        stage.awaitState("a", "Dispatching");
        runNow("a", "1");
        stage.task("b", TASK);
        await().until(() -> worker.open() == 2);
        answer.countDown();
        JsonNode status = stage.awaitState("a", "BackingOff");
        assertThat(status.path("lastHandledRunNow").asText()).isEqualTo("1");
        stage.patch("tasks.taskqueue.dev", "a", "{metadata: {labels: {team: shop}}}");
        stage.task("c", TASK);
        stage.awaitState("c", "BackingOff");
        assertThat(worker.received("a")).hasSize(1);
    }

    @Test
    void aMissingWorkerIsWaitedForOnAPausedQueue() {
        start("{state: Paused}");
        stage.task("a", "{queueRef: {name: q}, delay: 168h, httpRequest: {serviceRef: {name: late}}}");
        stage.awaitState("a", "Scheduled");
        runNow("a", "1");
        stage.awaitReason("a", "TargetNotFound");
        RecordingWorker late = stage.worker("late");
        stage.awaitState("a", "Succeeded");
        assertThat(late.received("a")).hasSize(1);
    }

    private void start(String queue) {
        stage.queue("q", queue);
        stage.operator();
    }

    private void runNow(String task, String value) {
        stage.annotateTask(task, "taskqueue.dev/run-now=" + value);
    }
}
