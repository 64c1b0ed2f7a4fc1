package dev.taskqueue.operator.behaviour;

import static dev.taskqueue.operator.testing.TestCluster.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.TestCluster;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Runs two operators as processes, one of which is the leader. Whatever happens to the leader, the other one goes on, and both never work at the same
 * time.
 */
@Order(TestCluster.LONG_FIRST)
class LeaderElectionIT {
    /** For tests that do not wait until the lease ends. It is long, so that a busy machine does not lose it. */
    private static final String LONG_LEASE = "LEASE_DURATION=30s";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @Test
    void ofTwoOneDispatchesAndTheOtherIsReady() {
        cluster.queue("orders", "{}");
        OperatorProcess leader = cluster.leadingReplica(LONG_LEASE);
        OperatorProcess standby = cluster.replica(LONG_LEASE);
        List<String> tasks = names("t", 20);
        cluster.tasks(tasks, task("orders", ""));
        tasks.forEach(name -> cluster.awaitState(name, "Succeeded"));
        assertThat(worker.tasks()).containsExactlyInAnyOrderElementsOf(tasks);
        assertThat(leader.metric("taskqueue_leader")).isEqualTo(1);
        assertThat(standby.metric("taskqueue_leader")).isEqualTo(0);
        assertThat(standby.log()).contains("Waiting as standby for Lease ", "; the leader is " + cluster.leader());
    }

    @Test
    void afterACrashTheStandbyGoesOnWithoutABurstAndHonoursClaims() {
        cluster.queue("orders", "{rateLimits: {maxDispatchesPerSecond: 4, maxBurstSize: 60}}");
        cluster.queue("single", "{rateLimits: {maxConcurrentDispatches: 1}, retry: {minBackoff: 10ms}}");
        var never = new CountDownLatch(1);
        Set<String> heldClaims = ConcurrentHashMap.newKeySet();
        worker.script(request -> {
            if (request.task().equals("held")
                    && request.header("TaskQueue-Attempt").equals("1")) {
                never.await();
            }
            if (request.task().equals("next")) {
                heldClaims.add(
                        cluster.status("held").path("claim").path("attempt").asText());
            }
            return Answer.of(200);
        });
        OperatorProcess leader = cluster.leadingReplica();
        String first = cluster.leader();
        cluster.task("held", task("single", "dispatchDeadline: 20m, "));
        cluster.awaitState("held", "Dispatching");
        cluster.task("next", task("single", ""));
        cluster.replica("SHUTDOWN_GRACE=2s");
        List<String> tasks = names("t", 120);
        cluster.tasks(tasks, task("orders", ""));
        await().until(() -> worker.received().size() > 65);
        leader.kill();
        long killed = System.nanoTime();
        Set<String> done = succeeded();
        int sent = worker.received().size();
        await().until(() -> worker.received().size() > sent);
        System.out.printf(
                "Crash to the standby's first dispatch: %d ms, lease %s%n",
                (worker.received().get(sent).nanos() - killed) / 1_000_000, TestCluster.LEASE_DURATION);
        assertThat(cluster.awaitLeader(first)).isNotEqualTo(first);
        assertThat(transitions()).isEqualTo(1);

        tasks.forEach(name -> cluster.awaitState(name, "Succeeded"));
        cluster.awaitState("next", "Succeeded");
        never.countDown();
        Map<String, Long> counts =
                worker.tasks().stream().collect(Collectors.groupingBy(name -> name, Collectors.counting()));
        assertThat(counts.keySet()).containsAll(tasks);
        assertThat(done).allSatisfy(name -> assertThat(counts).containsEntry(name, 1L));
        // A burst would send 55 more requests in the first instant.
        List<Received> after = worker.received().subList(sent, worker.received().size());
        long start = after.getFirst().nanos();
        assertThat(after.stream()
                        .filter(request -> request.nanos() - start < 2_000_000_000L)
                        .count())
                .isLessThan(30);
        // The slot of the claimed attempt is free only after that attempt is over.
        assertThat(heldClaims).isNotEmpty().doesNotContain("1");
        assertThat(cluster.awaitState("held", "Succeeded")
                        .at("/attempts/0/reason")
                        .asText())
                .isEqualTo("Interrupted");
    }

    @Test
    void askedToStopTheLeaderHandsOverAndFinishesWhatItHasClaimed() {
        cluster.queue("single", "{rateLimits: {maxConcurrentDispatches: 1}}");
        cluster.queue("orders", "{}");
        var release = new CountDownLatch(1);
        worker.script(request -> {
            if (request.task().equals("flying")) {
                release.await();
            }
            return Answer.of(200);
        });
        OperatorProcess leader = cluster.leadingReplica("SHUTDOWN_GRACE=60s", LONG_LEASE);
        String first = cluster.leader();
        OperatorProcess standby = cluster.replica("SHUTDOWN_GRACE=60s", LONG_LEASE);
        cluster.task("flying", task("single", ""));
        await().until(() -> worker.open() == 1);
        cluster.task("next", task("single", ""));
        leader.terminate();
        long asked = System.nanoTime();
        await().until(() -> leader.log().contains("Stopping"));
        cluster.task("other", task("orders", ""));
        cluster.awaitState("other", "Succeeded");
        System.out.printf(
                "SIGTERM to the standby's first dispatch, one attempt in flight: %d ms%n",
                (worker.received("other").getFirst().nanos() - asked) / 1_000_000);
        assertThat(leader.isAlive()).isTrue();
        assertThat(standby.metric("taskqueue_leader")).isEqualTo(1);
        assertThat(cluster.status("flying").at("/claim/holder").asText()).isEqualTo(first);
        assertThat(worker.received("next")).isEmpty();
        release.countDown();
        JsonNode flying = cluster.awaitState("flying", "Succeeded");
        assertThat(flying.path("dispatchCount").asInt()).isEqualTo(1);
        assertThat(leader.exitCode()).isIn(0, 143);
        cluster.awaitState("next", "Succeeded");
        assertThat(worker.tasks()).containsExactly("flying", "other", "next");
        assertThat(worker.peak()).isLessThanOrEqualTo(2);
    }

    @Test
    void anIdleLeaderThatIsAskedToStopHandsOverAtOnce() {
        cluster.queue("orders", "{rateLimits: {maxDispatchesPerSecond: 20, maxBurstSize: 1}}");
        OperatorProcess leader = cluster.leadingReplica(LONG_LEASE);
        cluster.replica(LONG_LEASE);
        List<String> tasks = names("t", 100);
        cluster.tasks(tasks, task("orders", ""));
        await().until(() -> worker.received().size() > 10);
        leader.terminate();
        long asked = System.nanoTime();
        assertThat(leader.exitCode()).isIn(0, 143);
        tasks.forEach(name -> cluster.awaitState(name, "Succeeded"));
        assertThat(worker.tasks()).containsExactlyInAnyOrderElementsOf(tasks);
        List<Received> all = worker.received();
        // The old leader sent the last request before the longest pause.
        int gap = IntStream.range(1, all.size())
                .boxed()
                .max(java.util.Comparator.comparingLong(
                        i -> all.get(i).nanos() - all.get(i - 1).nanos()))
                .orElseThrow();
        System.out.printf(
                "SIGTERM to the standby's first dispatch, short attempts: %d ms%n",
                (all.get(gap).nanos() - asked) / 1_000_000);
    }

    @Test
    void aClaimThatCannotBeReadHoldsUpNoTakeOver() {
        cluster.queue("orders", "{}");
        cluster.queue("paused", "{state: Paused}");
        OperatorProcess leader = cluster.leadingReplica();
        String first = cluster.leader();
        cluster.replica();
        cluster.task("odd", task("paused", ""));
        cluster.awaitState("odd", "Queued");
        cluster.kubectl(
                "patch",
                "tasks.taskqueue.dev",
                "odd",
                "--subresource=status",
                "--type=merge",
                "-p",
                "{\"status\": {\"state\": \"Dispatching\", \"claim\": {\"attempt\": 1, \"holder\": \"nobody\","
                        + " \"scheduleTime\": \"2026-11-21T09:00:00+19:00\","
                        + " \"dispatchTime\": \"2026-11-21T09:00:00+19:00\","
                        + " \"deadline\": \"2026-11-21T09:00:00+19:00\"}}}");
        leader.kill();
        cluster.task("a", task("orders", ""));
        assertThat(cluster.awaitLeader(first)).isNotEqualTo(first);
        cluster.awaitState("a", "Succeeded");
        assertThat(worker.tasks()).containsExactly("a");
    }

    private Set<String> succeeded() {
        return cluster.tasks().stream()
                .filter(task -> task.at("/status/state").asText().equals("Succeeded"))
                .map(task -> task.at("/metadata/name").asText())
                .collect(Collectors.toSet());
    }

    private int transitions() {
        return java.util.Objects.requireNonNull(cluster.lease()).getSpec().getLeaseTransitions();
    }

    private static String task(String queue, String more) {
        return "{queueRef: {name: " + queue + "}, " + more + "httpRequest: {serviceRef: {name: worker}}}";
    }
}
