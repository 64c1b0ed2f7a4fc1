package dev.taskqueue.operator.behaviour;

import static dev.taskqueue.operator.testing.TestCluster.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.testing.RateWindows;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Rate, concurrency and pause, measured at the worker. */
class LimitsIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @Test
    void noWindowHasMoreDispatchesThanBurstAndRateAllow() {
        cluster.queue(
                "orders",
                "{state: Paused, throttling: Disabled, rateLimits: {maxDispatchesPerSecond: 100, maxBurstSize: 10}}");
        cluster.operator();
        cluster.tasks(names("t", 600), task("orders"));
        cluster.patchQueue("orders", "{spec: {state: Running}}");
        awaitReceived(600);
        RateWindows.assertNoneAbove(worker.received(), 10, 100);
    }

    @Test
    void noMoreRequestsAreInFlightThanAllowedAlsoWhenThatChanges() {
        var answers = new Semaphore(0);
        worker.script(request -> {
            answers.acquire();
            return Answer.of(200);
        });
        cluster.queue("orders", "{rateLimits: {maxConcurrentDispatches: 5}}");
        cluster.operator();
        cluster.tasks(names("t", 60), task("orders"));
        await().until(() -> worker.open() == 5);
        answers.release(20);
        awaitReceived(25);
        assertThat(worker.peak()).isEqualTo(5);

        cluster.patchQueue("orders", "{spec: {rateLimits: {maxConcurrentDispatches: 12}}}");
        await().until(() -> worker.open() == 12);
        assertThat(worker.peak()).isEqualTo(12);

        cluster.patchQueue("orders", "{spec: {rateLimits: {maxConcurrentDispatches: 2}}}");
        cluster.awaitSettled("orders", 3);
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
        cluster.queue("orders", "{rateLimits: {maxDispatchesPerSecond: '0.1', maxBurstSize: 3}}");
        cluster.operator();
        cluster.tasks(names("t", 43), task("orders"));
        awaitReceived(3);
        cluster.patchQueue("orders", "{spec: {rateLimits: {maxDispatchesPerSecond: 20}}}");
        awaitReceived(43);
        RateWindows.assertNoneAbove(worker.received().subList(3, 43), 3, 20);
    }

    @Test
    void aPausedQueueSendsNothingAndItsFlightsFinish() {
        var answers = new Semaphore(0);
        worker.script(request -> {
            answers.acquire();
            return Answer.of(200);
        });
        cluster.queue("orders", "{rateLimits: {maxConcurrentDispatches: 1}}");
        cluster.queue("other", "{}");
        cluster.operator();
        cluster.tasks(names("t", 3), task("orders"));
        awaitReceived(1);
        cluster.patchQueue("orders", "{spec: {state: Paused}}");
        cluster.awaitSettled("orders", 2);
        answers.release();
        cluster.awaitState(worker.tasks().getFirst(), "Succeeded");
        assertPasses(answers, "while-paused");

        cluster.annotateQueue("orders", "taskqueue.dev/hold=deploy");
        cluster.awaitQueueState("orders", "Held");
        cluster.patchQueue("orders", "{spec: {state: Running}}");
        cluster.awaitSettled("orders", 3);
        assertThat(cluster.queueStatus("orders").path("state").asText()).isEqualTo("Held");
        assertThat(StatusConditions.conditions(cluster.queueStatus("orders"))).containsEntry("Paused", "True Held");
        assertPasses(answers, "while-held");

        cluster.annotateQueue("orders", "taskqueue.dev/hold-");
        answers.release(2);
        awaitReceived(5);
        cluster.awaitQueueState("orders", "Running");
    }

    /** A later Task of another queue is sent, while no Task of this queue is sent. */
    private void assertPasses(Semaphore answers, String name) {
        int before = worker.received().size();
        cluster.task(name, task("other"));
        answers.release();
        cluster.awaitState(name, "Succeeded");
        assertThat(worker.received()).hasSize(before + 1);
    }

    @Test
    void aHoldEndsByItselfAtItsTime() {
        cluster.operator();
        Instant until = Instant.now().plusSeconds(2);
        cluster.create("""
                apiVersion: taskqueue.dev/v1beta1
                kind: TaskQueue
                metadata: {name: orders, annotations: {taskqueue.dev/hold: deploy, taskqueue.dev/hold-until: '%s'}}
                spec: {}
                """.formatted(until));
        cluster.task("a", task("orders"));
        cluster.awaitState("a", "Succeeded");
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
        cluster.queue("hung", "{rateLimits: {maxDispatchesPerSecond: 10000}}");
        cluster.queue("quick", "{}");
        cluster.operator("MAX_IN_FLIGHT=500");
        cluster.tasks(names("hung", 1000), task("hung"));
        // The queue uses all requests that the operator may have open, except for those that are reserved for other
        // queues.
        await().until(() -> worker.open() >= 200);
        cluster.tasks(names("quick", 50), task("quick"));
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
