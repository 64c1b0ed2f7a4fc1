package dev.taskqueue.operator.behaviour;

import static dev.taskqueue.operator.testing.TestCluster.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.testing.RateWindows;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Rate, concurrency and pause, as the worker sees them. */
class LimitsIT {
    @AutoClose
    private final TestCluster stage = new TestCluster();

    private final RecordingWorker worker = stage.worker("worker");

    @Test
    void noWindowHasMoreDispatchesThanBurstAndRateAllow() {
        stage.queue(
                "orders",
                "{state: Paused, throttling: Disabled, rateLimits: {maxDispatchesPerSecond: 100, maxBurstSize: 10}}");
        stage.operator();
        stage.tasks(names("t", 1000), task("orders"));
        stage.patchQueue("orders", "{spec: {state: Running}}");
        awaitReceived(1000);
        List<Received> received = worker.received();
        RateWindows.assertNoneAbove(received, 10, 100);
        double seconds = (received.getLast().nanos() - received.getFirst().nanos()) / 1e9;
        // The burst came at once; what remained came at the rate.
        assertThat((1000 - 10) / seconds).isBetween(90.0, 101.0);
    }

    @Test
    void noMoreRequestsAreInFlightThanAllowedAlsoWhenThatChanges() {
        var answers = new Semaphore(0);
        worker.script(request -> {
            answers.acquire();
            return Answer.of(200);
        });
        stage.queue("orders", "{rateLimits: {maxConcurrentDispatches: 5}}");
        stage.operator();
        stage.tasks(names("t", 60), task("orders"));
        await().until(() -> worker.open() == 5);
        answers.release(20);
        awaitReceived(25);
        assertThat(worker.peak()).isEqualTo(5);

        stage.patchQueue("orders", "{spec: {rateLimits: {maxConcurrentDispatches: 12}}}");
        await().until(() -> worker.open() == 12);
        assertThat(worker.peak()).isEqualTo(12);

        stage.patchQueue("orders", "{spec: {rateLimits: {maxConcurrentDispatches: 2}}}");
        stage.awaitSettled("orders", 3);
        int before = worker.received().size();
        answers.release(10);
        await().until(() -> worker.open() == 2);
        assertThat(worker.received()).hasSize(before);
        answers.release(1);
        awaitReceived(before + 1);
        await().until(() -> worker.open() == 2);
        answers.release(1000);
        awaitReceived(60);
        assertThat(worker.peak()).isEqualTo(12);
    }

    @Test
    void theRateChangesLive() {
        stage.queue("orders", "{rateLimits: {maxDispatchesPerSecond: '0.1', maxBurstSize: 3}}");
        stage.operator();
        stage.tasks(names("t", 43), task("orders"));
        awaitReceived(3);
        stage.patchQueue("orders", "{spec: {rateLimits: {maxDispatchesPerSecond: 20}}}");
        awaitReceived(43);
        List<Received> slow = worker.received().subList(0, 3);
        assertThat(slow).hasSize(3);
        List<Received> fast = worker.received().subList(3, 43);
        double seconds = (fast.getLast().nanos() - fast.getFirst().nanos()) / 1e9;
        assertThat(seconds).isGreaterThan(1.7);
    }

    @Test
    void aPausedQueueSendsNothingAndItsFlightsFinish() {
        var answers = new Semaphore(0);
        worker.script(request -> {
            answers.acquire();
            return Answer.of(200);
        });
        stage.queue("orders", "{rateLimits: {maxConcurrentDispatches: 1}}");
        stage.queue("other", "{}");
        stage.operator();
        stage.tasks(names("t", 3), task("orders"));
        awaitReceived(1);
        stage.patchQueue("orders", "{spec: {state: Paused}}");
        stage.awaitSettled("orders", 2);
        answers.release();
        stage.awaitState(worker.tasks().getFirst(), "Succeeded");
        assertPasses(answers, "while-paused");

        stage.annotateQueue("orders", "taskqueue.dev/hold=deploy");
        stage.awaitQueueState("orders", "Held");
        stage.patchQueue("orders", "{spec: {state: Running}}");
        stage.awaitSettled("orders", 3);
        assertThat(stage.queueStatus("orders").path("state").asText()).isEqualTo("Held");
        assertThat(StatusConditions.conditions(stage.queueStatus("orders"))).containsEntry("Paused", "True Held");
        assertPasses(answers, "while-held");

        stage.annotateQueue("orders", "taskqueue.dev/hold-");
        answers.release(2);
        awaitReceived(5);
        stage.awaitQueueState("orders", "Running");
    }

    /** A Task of another queue that comes later goes, and none of this queue does. */
    private void assertPasses(Semaphore answers, String name) {
        int before = worker.received().size();
        stage.task(name, task("other"));
        answers.release();
        stage.awaitState(name, "Succeeded");
        assertThat(worker.received()).hasSize(before + 1);
    }

    @Test
    void aHoldEndsByItselfAtItsTime() {
        stage.operator();
        Instant until = Instant.now().plusSeconds(2);
        stage.create("""
                apiVersion: taskqueue.dev/v1beta1
                kind: TaskQueue
                metadata: {name: orders, annotations: {taskqueue.dev/hold: deploy, taskqueue.dev/hold-until: '%s'}}
                spec: {}
                """.formatted(until));
        stage.task("a", task("orders"));
        stage.awaitState("a", "Succeeded");
        assertThat(worker.received().getFirst().at()).isAfterOrEqualTo(until);
    }

    @Test
    void aThousandHungRequestsOfOneQueueLeaveTheOthersAlone() {
        var release = new CountDownLatch(1);
        worker.script(request -> {
            if (request.header("X-CloudTasks-QueueName").equals("hung")) {
                release.await();
            }
            return Answer.of(200);
        });
        stage.queue("hung", "{rateLimits: {maxDispatchesPerSecond: 10000}}");
        stage.queue("quick", "{}");
        stage.operator("MAX_IN_FLIGHT=500");
        stage.tasks(names("hung", 1000), task("hung"));
        // All that the operator as a whole may have open, but for what other queues are sure of.
        await().until(() -> worker.open() >= 200);
        stage.tasks(names("quick", 50), task("quick"));
        await().until(() ->
                worker.tasks().stream().filter(task -> task.startsWith("quick")).count() == 50);
        assertThat(worker.open()).isGreaterThanOrEqualTo(200).isLessThanOrEqualTo(500);
        release.countDown();
        awaitReceived(1050);
    }

    private void awaitReceived(int count) {
        await().until(() -> worker.received().size() == count);
    }

    private static String task(String queue) {
        return "{queueRef: {name: " + queue + "}, httpRequest: {serviceRef: {name: worker}}}";
    }
}
