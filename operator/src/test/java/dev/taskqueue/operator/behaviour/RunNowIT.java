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
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @Test
    void aTaskOfNextWeekIsSentOnceAndItsValueIsNotActedOnAgain() {
        start("{}");
        cluster.task("a", NEXT_WEEK);
        cluster.awaitState("a", "Scheduled");
        runNow("a", "1");
        JsonNode status = cluster.awaitState("a", "Succeeded");
        assertThat(status.path("lastHandledRunNow").asText()).isEqualTo("1");
        assertThat(worker.received("a")).hasSize(1);
    }

    @Test
    void aPausedOrHeldQueueSendsItAndNothingElse() {
        start("{state: Paused}");
        cluster.task("a", TASK);
        cluster.task("b", TASK);
        cluster.awaitState("a", "Queued");
        runNow("a", "1");
        cluster.awaitState("a", "Succeeded");
        cluster.patchQueue("q", "{metadata: {annotations: {taskqueue.dev/hold: audit}}, spec: {state: Running}}");
        cluster.awaitQueueState("q", "Held");
        cluster.task("c", TASK);
        cluster.awaitState("c", "Queued");
        runNow("c", "1");
        cluster.awaitState("c", "Succeeded");
        assertThat(cluster.status("b").path("state").asText()).isEqualTo("Queued");
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
        cluster.task("first", TASK);
        await().until(() -> worker.open() == 1);
        cluster.task("a", TASK);
        cluster.awaitState("a", "Queued");
        runNow("a", "1");
        cluster.awaitState("a", "Succeeded");
        answer.countDown();
        cluster.awaitState("first", "Succeeded");
    }

    @Test
    void aRetryGoesAtOnceAndWhereItFailsTheBackoffCountsFromTheCall() {
        start("{retry: {minBackoff: 10m, maxBackoff: 10m}}");
        worker.codes(500, 500, 200);
        cluster.task("a", TASK);
        cluster.awaitState("a", "BackingOff");
        Instant asked = Instant.now();
        runNow("a", "1");
        JsonNode status = cluster.await("a", now -> now.path("dispatchCount").asInt() == 2, "sent twice");
        Instant next = Instant.parse(status.path("nextAttemptTime").asText());
        Instant called =
                Instant.parse(status.path("lastAttempt").path("scheduleTime").asText());
        assertThat(called).isAfterOrEqualTo(asked.minusMillis(1));
        assertThat(next).isEqualTo(called.plus(Duration.ofMinutes(10)));
        assertThat(status.path("lastHandledRunNow").asText()).isEqualTo("1");
        runNow("a", "2");
        cluster.awaitState("a", "Succeeded");
        assertThat(worker.received("a")).hasSize(3);
    }

    @Test
    void aValueIsActedOnOnceAlsoAfterARestartAndAnotherEdit() {
        start("{retry: {minBackoff: 10m, maxBackoff: 10m}}");
        worker.codes(500);
        cluster.task("a", TASK);
        cluster.awaitState("a", "BackingOff");
        runNow("a", "1");
        cluster.await("a", now -> now.path("dispatchCount").asInt() == 2, "sent twice");
        cluster.patch("tasks.taskqueue.dev", "a", "{metadata: {labels: {team: shop}}}");
        cluster.stopLast();
        cluster.operator();
        // The operator takes in a later Task after an earlier one, so the earlier one was taken in, too.
        cluster.task("b", TASK);
        cluster.awaitState("b", "BackingOff");
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
        cluster.task("a", TASK);
        cluster.awaitState("a", "Dispatching");
        runNow("a", "1");
        cluster.task("b", TASK);
        await().until(() -> worker.open() == 2);
        answer.countDown();
        JsonNode status = cluster.awaitState("a", "BackingOff");
        assertThat(status.path("lastHandledRunNow").asText()).isEqualTo("1");
        cluster.patch("tasks.taskqueue.dev", "a", "{metadata: {labels: {team: shop}}}");
        cluster.task("c", TASK);
        cluster.awaitState("c", "BackingOff");
        assertThat(worker.received("a")).hasSize(1);
    }

    @Test
    void aMissingWorkerIsWaitedForOnAPausedQueue() {
        start("{state: Paused}");
        cluster.task("a", "{queueRef: {name: q}, delay: 168h, httpRequest: {serviceRef: {name: late}}}");
        cluster.awaitState("a", "Scheduled");
        runNow("a", "1");
        cluster.awaitReason("a", "TargetNotFound");
        RecordingWorker late = cluster.worker("late");
        cluster.awaitState("a", "Succeeded");
        assertThat(late.received("a")).hasSize(1);
    }

    private void start(String queue) {
        cluster.queue("q", queue);
        cluster.operator();
    }

    private void runNow(String task, String value) {
        cluster.annotateTask(task, "taskqueue.dev/run-now=" + value);
    }
}
