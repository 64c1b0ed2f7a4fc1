package dev.taskqueue.operator.behaviour;

import static dev.taskqueue.operator.testing.TestCluster.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.testing.RateWindows;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Changes the settings of a queue while its Tasks are sent: no Task is lost or sent twice, and the new limits apply at once. */
@Order(TestCluster.LONG_FIRST)
class LiveChangeIT {
    /** Every field of a TaskQueue's spec. Settings that end or delete Tasks have values that match none of these Tasks. */
    private static final List<String> CHANGES = List.of(
            "rateLimits: {maxDispatchesPerSecond: '250.5'}",
            "rateLimits: {maxDispatchesPerSecond: 100, maxBurstSize: 1}",
            "rateLimits: {maxConcurrentDispatches: 1}",
            "rateLimits: {maxConcurrentDispatches: 5000}",
            "retry: {maxAttempts: 1, maxRetryDuration: 1s, giveUp: WhenEither, nonRetryableStatusCodes: [404]}",
            "retry: {minBackoff: 1s, maxBackoff: 2s, maxDoublings: 0, jitterPercent: 50}",
            "httpTarget: {headers: {X-Of-Queue: a}}",
            "httpTarget: {mode: Always, method: PUT}",
            "httpTarget: null, dispatchDeadline: 20s",
            "headerFamilies: [CloudTasks, AppEngine], throttling: Disabled",
            "headerFamilies: [None], throttling: Adaptive",
            "retention: {succeeded: 2h, failed: 1h, maxSucceeded: 20000, maxFailed: 1, unfinished: 1h}",
            "deadLetter: {queueRef: {name: other}}",
            "deadLetter: null, purgeBefore: '2020-01-01T00:00:00Z'",
            "purgeBefore: null, state: Paused",
            "state: Running");
    /** How many Tasks are created ahead of their delivery. So there is always a Task to send, but never a large backlog. */
    private static final int AHEAD = 40;

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @Test
    void everyFieldChangesUnderLoad() throws InterruptedException {
        cluster.queue("other", "{}");
        cluster.queue("orders", "{}");
        cluster.operator();
        var enough = new AtomicBoolean();
        var created = new AtomicInteger();
        Thread producer = Thread.ofVirtual().start(() -> {
            while (!enough.get()) {
                if (created.get() - worker.received().size() >= AHEAD) {
                    LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
                    continue;
                }
                cluster.task(
                        "t-" + created.get(),
                        "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}, path: /t-%d}}"
                                .formatted(created.get()));
                created.incrementAndGet();
            }
        });
        int generation = 1;
        for (String change : CHANGES) {
            int before = worker.received().size();
            cluster.patchQueue("orders", "{spec: {" + change + "}}");
            generation++;
            cluster.awaitSettled("orders", generation);
            if (isRunning()) {
                // This is more than the number of requests in flight when the settings changed.
                await(change).until(() -> worker.received().size() > before + 5);
            }
        }
        enough.set(true);
        producer.join();
        List<String> all = names("t", created.get());
        all.forEach(name -> cluster.awaitState(name, "Succeeded"));
        assertThat(worker.received())
                .extracting(request -> request.line().split(" ", -1)[1].substring(1))
                .containsExactlyInAnyOrderElementsOf(all);
        assertThat(cluster.tasks())
                .allSatisfy(task ->
                        assertThat(task.at("/status/dispatchCount").asInt()).isEqualTo(1));
    }

    private boolean isRunning() {
        return cluster.queueStatus("orders").path("state").asText().equals("Running");
    }

    @Test
    void theRateToAHundredthAndBackHoldsInEveryWindow() {
        cluster.queue(
                "orders",
                "{state: Paused, throttling: Disabled, rateLimits: {maxDispatchesPerSecond: 200, maxBurstSize: 10}}");
        cluster.operator();
        List<String> names = names("t", 700);
        cluster.tasks(
                names, "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}, dispatchDeadline: 10m}");
        cluster.patchQueue("orders", "{spec: {state: Running}}");
        await().until(() -> worker.received().size() > 100);

        cluster.patchQueue("orders", "{spec: {rateLimits: {maxDispatchesPerSecond: 2}}}");
        cluster.awaitSettled("orders", 3);
        Instant changed = Instant.now();
        await().until(() -> slow(changed).size() >= 12);
        List<Received> slow = slow(changed);
        cluster.patchQueue("orders", "{spec: {rateLimits: {maxDispatchesPerSecond: 200}}}");
        await().until(() -> worker.received().size() == 700);

        RateWindows.assertNoneAbove(worker.received(), 10, 200);
        RateWindows.assertNoneAbove(slow, 10, 2);
        assertThat(worker.tasks()).doesNotHaveDuplicates();
    }

    /**
     * The requests that left after the rate changed, in order, from the first pause on that the old rate does not have. Those before it had taken
     * their token by then, and waited for a thread.
     */
    private List<Received> slow(Instant changed) {
        List<Received> since = worker.received().stream()
                .filter(request -> !RateWindows.dispatchedAt(request).isBefore(changed))
                .sorted(Comparator.comparing(RateWindows::dispatchedAt))
                .toList();
        for (int i = 1; i < since.size(); i++) {
            Duration pause = Duration.between(
                    RateWindows.dispatchedAt(since.get(i - 1)), RateWindows.dispatchedAt(since.get(i)));
            if (pause.compareTo(Duration.ofMillis(300)) >= 0) {
                return since.subList(i, since.size());
            }
        }
        return List.of();
    }
}
