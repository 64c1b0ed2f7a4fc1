package dev.taskqueue.operator.behaviour;

import static dev.taskqueue.operator.testing.TestCluster.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.SettableClock;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Somebody sets the wall clock of the operator's machine while it works. What waits for a time of day follows the new clock. What waits for a while
 * waits exactly as long: the rate, retries, retention, statistics. Times here are those of the test's clock, which nobody sets.
 */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.FAKETIME})
@Order(TestCluster.LONG_FIRST)
class ClockStepIT {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration BACKOFF = Duration.ofSeconds(15);

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");
    private final SettableClock clock = new SettableClock();
    private final OperatorProcess operator = cluster.process(
            clock.environment(),
            "LEADER_ELECTION=true",
            "LEASE_NAMESPACE=" + cluster.namespace(),
            "LEASE_NAME=" + TestCluster.LEASE,
            "LEASE_DURATION=15s");

    /** When the queue with the rate was created. Its bucket had one token then. */
    private long began;

    @Test
    void dueTimesFollowTheClockAndNothingElseDoes() {
        worker.answers(request -> request.task().startsWith("fails") && request.attempt() == 1 ? 503 : 200);
        cluster.queue("fast", "{retry: {minBackoff: 15s, maxBackoff: 15s}}");
        began = System.nanoTime();
        cluster.queue("slow", "{rateLimits: {maxDispatchesPerSecond: 1, maxBurstSize: 1}, retention: {succeeded: 3s}}");
        cluster.tasks(names("slow", 400), task("slow", ""));
        awaitSlow(3);

        backByFortySeconds();
        backByAnHour();
        forward();

        assertThat(operator.isAlive()).isTrue();
        assertThat(operator.log()).doesNotContain(" ERROR ");
        assertNothingTwice();
    }

    private void backByFortySeconds() {
        int before = slow().size();
        Instant due = Instant.now().plusSeconds(10).truncatedTo(ChronoUnit.SECONDS);
        cluster.task("due", task("fast", "scheduleTime: " + due));
        clock.set(Duration.ofSeconds(-40));
        cluster.awaitState("due", "Scheduled");
        cluster.awaitState("due", "Succeeded");
        assertThat(worker.received("due").getFirst().at()).isAfterOrEqualTo(due.plusSeconds(40));
        // The rate of one a second has gone on in these fifty seconds.
        assertThat(slow().size()).isGreaterThan(before + 10);
        assertRate();
    }

    private void backByAnHour() {
        cluster.task("fails-back", task("fast", ""));
        cluster.awaitState("fails-back", "BackingOff");
        List<Received> former = slow();
        clock.set(HOUR.negated());
        // None of these can happen if the operator waits for its clock to reach the former time again.
        awaitSlow(10);
        cluster.awaitState("fails-back", "Succeeded");
        assertPause("fails-back");
        former.forEach(request -> cluster.awaitGone(request.task()));
        int tasks = cluster.queueStatus("slow").at("/stats/tasks").asInt();
        cluster.awaitQueue("slow", status -> status.at("/stats/tasks").asInt() != tasks);
        cluster.queue("purged", "{state: Paused}");
        cluster.task("purged", task("purged", ""));
        cluster.task("new", task("fast", ""));
        cluster.task("delayed", task("fast", "delay: 5s"));
        cluster.awaitState("new", "Succeeded");
        cluster.awaitState("delayed", "Succeeded");
        assertThat(worker.received("delayed").getFirst().at())
                .isAfterOrEqualTo(created("delayed").plusSeconds(5));
        // The operator's clock shows a time before the creation.
        cluster.patchQueue(
                "purged", "{spec: {purgeBefore: '%s'}}".formatted(Instant.now().plusSeconds(60)));
        cluster.awaitGone("purged");
        assertThat(operator.isLive()).isTrue();
        assertRate();
    }

    private void forward() {
        cluster.queue("keeps", "{retention: {succeeded: 1h}}");
        cluster.task("kept", task("keeps", ""));
        cluster.awaitState("kept", "Succeeded");
        cluster.queue("held", "{}");
        cluster.annotateQueue(
                "held",
                "taskqueue.dev/hold=Bob",
                "taskqueue.dev/hold-until=" + Instant.now().plus(Duration.ofMinutes(30)));
        cluster.awaitQueueState("held", "Held");
        cluster.task("held", task("held", ""));
        cluster.task("later", task("fast", "scheduleTime: " + Instant.now().plus(Duration.ofMinutes(30))));
        cluster.task("fails-forward", task("fast", ""));
        cluster.awaitState("fails-forward", "BackingOff");
        clock.set(HOUR);
        cluster.awaitState("later", "Succeeded");
        cluster.awaitState("held", "Succeeded");
        cluster.awaitState("fails-forward", "Succeeded");
        assertPause("fails-forward");
        cluster.task("delayed-forward", task("fast", "delay: 5s"));
        cluster.awaitState("delayed-forward", "Succeeded");
        assertThat(worker.received("delayed-forward").getFirst().at())
                .isAfterOrEqualTo(created("delayed-forward").plusSeconds(5));
        assertThat(operator.log()).contains("s ahead of that of the API server");
        awaitSlow(5);
        assertRate();
        assertThat(cluster.get("kept").isObject()).isTrue();
        assertThat(operator.isLive()).isTrue();
    }

    private Instant created(String task) {
        return Instant.parse(cluster.get(task).at("/metadata/creationTimestamp").asText());
    }

    /** Waits for some more requests of the slow queue. */
    private void awaitSlow(int more) {
        int before = slow().size();
        await().until(() -> slow().size() >= before + more);
    }

    private List<Received> slow() {
        return worker.received().stream()
                .filter(request -> request.task().startsWith("slow-"))
                .toList();
    }

    /** However late requests arrive, there are never more than the queue's tokens since its creation. */
    private void assertRate() {
        int sent = slow().size();
        double seconds = Duration.ofNanos(System.nanoTime() - began).toMillis() / 1e3;
        assertThat(sent).isLessThanOrEqualTo((int) (1 + seconds));
    }

    private void assertPause(String task) {
        List<Received> attempts = worker.received(task);
        assertThat(attempts).hasSize(2);
        assertThat(Duration.ofNanos(
                        attempts.getLast().nanos() - attempts.getFirst().nanos()))
                .isGreaterThanOrEqualTo(BACKOFF);
    }

    private void assertNothingTwice() {
        Map<String, Integer> attempts = new HashMap<>();
        worker.received().forEach(request -> attempts.merge(request.task() + " " + request.attempt(), 1, Integer::sum));
        assertThat(attempts.values()).containsOnly(1);
    }

    private static String task(String queue, String more) {
        return "{queueRef: {name: %s}%s, httpRequest: {serviceRef: {name: worker}}}"
                .formatted(queue, more.isEmpty() ? "" : ", " + more);
    }
}
