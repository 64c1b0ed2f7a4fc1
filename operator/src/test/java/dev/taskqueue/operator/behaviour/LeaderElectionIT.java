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
import org.junit.jupiter.api.Test;

/** Two operators as processes, of which one leads: whatever becomes of it, the other goes on, and never both. */
class LeaderElectionIT {
    /** That a process no longer leads and knows it. */
    private static final int LOST = 3;

    @AutoClose
    private final TestCluster stage = new TestCluster();

    private final RecordingWorker worker = stage.worker("worker");

    @Test
    void ofTwoOneDispatchesAndTheOtherIsReady() {
        stage.queue("orders", "{}");
        OperatorProcess leader = leader();
        OperatorProcess standby = stage.replica();
        List<String> tasks = names("t", 20);
        stage.tasks(tasks, task("orders", ""));
        tasks.forEach(name -> stage.awaitState(name, "Succeeded"));
        assertThat(worker.tasks()).containsExactlyInAnyOrderElementsOf(tasks);
        assertThat(leader.metric("taskqueue_leader")).isEqualTo(1);
        assertThat(standby.metric("taskqueue_leader")).isEqualTo(0);
        assertThat(standby.log()).contains("Waiting as standby; the leader is " + stage.leader());
    }

    @Test
    void afterACrashTheStandbyGoesOnWithoutABurstAndHonoursClaims() {
        stage.queue("orders", "{rateLimits: {maxDispatchesPerSecond: 4, maxBurstSize: 60}}");
        stage.queue("single", "{rateLimits: {maxConcurrentDispatches: 1}, retry: {minBackoff: 10ms}}");
        var never = new CountDownLatch(1);
        Set<String> heldClaims = ConcurrentHashMap.newKeySet();
        worker.script(request -> {
            if (request.task().equals("held")
                    && request.header("TaskQueue-Attempt").equals("1")) {
                never.await();
            }
            if (request.task().equals("next")) {
                heldClaims.add(
                        stage.status("held").path("claim").path("attempt").asText());
            }
            return Answer.of(200);
        });
        OperatorProcess leader = leader();
        String first = stage.leader();
        stage.task("held", task("single", "dispatchDeadline: 20m, "));
        stage.awaitState("held", "Dispatching");
        stage.task("next", task("single", ""));
        stage.replica("SHUTDOWN_GRACE=2s");
        List<String> tasks = names("t", 120);
        stage.tasks(tasks, task("orders", ""));
        await().until(() -> worker.received().size() > 65);
        leader.kill();
        long killed = System.nanoTime();
        Set<String> done = succeeded();
        int sent = worker.received().size();
        await().until(() -> worker.received().size() > sent);
        System.out.printf(
                "Crash to the standby's first dispatch: %d ms, lease %s%n",
                (worker.received().get(sent).nanos() - killed) / 1_000_000, TestCluster.LEASE_DURATION);
        assertThat(stage.awaitLeader(first)).isNotEqualTo(first);
        assertThat(transitions()).isEqualTo(1);

        tasks.forEach(name -> stage.awaitState(name, "Succeeded"));
        stage.awaitState("next", "Succeeded");
        never.countDown();
        Map<String, Long> counts =
                worker.tasks().stream().collect(Collectors.groupingBy(name -> name, Collectors.counting()));
        assertThat(counts.keySet()).containsAll(tasks);
        assertThat(done).allSatisfy(name -> assertThat(counts).containsEntry(name, 1L));
        // A burst would be 55 more within the first instant.
        List<Received> after = worker.received().subList(sent, worker.received().size());
        long start = after.getFirst().nanos();
        assertThat(after.stream()
                        .filter(request -> request.nanos() - start < 2_000_000_000L)
                        .count())
                .isLessThan(30);
        // The slot of the claimed attempt is free only once that is over.
        assertThat(heldClaims).isNotEmpty().doesNotContain("1");
        assertThat(stage.awaitState("held", "Succeeded")
                        .at("/attempts/0/reason")
                        .asText())
                .isEqualTo("Interrupted");
    }

    @Test
    void askedToStopTheLeaderHandsOverAndFinishesWhatItHasClaimed() {
        stage.queue("single", "{rateLimits: {maxConcurrentDispatches: 1}}");
        stage.queue("orders", "{}");
        var release = new CountDownLatch(1);
        worker.script(request -> {
            if (request.task().equals("flying")) {
                release.await();
            }
            return Answer.of(200);
        });
        OperatorProcess leader = leader("SHUTDOWN_GRACE=60s");
        String first = stage.leader();
        OperatorProcess standby = stage.replica("SHUTDOWN_GRACE=60s");
        stage.task("flying", task("single", ""));
        await().until(() -> worker.open() == 1);
        stage.task("next", task("single", ""));
        leader.terminate();
        long asked = System.nanoTime();
        await().until(() -> leader.log().contains("Stopping"));
        stage.task("other", task("orders", ""));
        stage.awaitState("other", "Succeeded");
        System.out.printf(
                "SIGTERM to the standby's first dispatch, one attempt in flight: %d ms%n",
                (worker.received("other").getFirst().nanos() - asked) / 1_000_000);
        assertThat(leader.isAlive()).isTrue();
        assertThat(standby.metric("taskqueue_leader")).isEqualTo(1);
        assertThat(stage.status("flying").at("/claim/holder").asText()).isEqualTo(first);
        assertThat(worker.received("next")).isEmpty();
        release.countDown();
        JsonNode flying = stage.awaitState("flying", "Succeeded");
        assertThat(flying.path("dispatchCount").asInt()).isEqualTo(1);
        assertThat(leader.exitCode()).isIn(0, 143);
        stage.awaitState("next", "Succeeded");
        assertThat(worker.tasks()).containsExactly("flying", "other", "next");
        assertThat(worker.peak()).isLessThanOrEqualTo(2);
    }

    @Test
    void anIdleLeaderThatIsAskedToStopHandsOverAtOnce() {
        stage.queue("orders", "{rateLimits: {maxDispatchesPerSecond: 20, maxBurstSize: 1}}");
        OperatorProcess leader = leader();
        stage.replica();
        List<String> tasks = names("t", 100);
        stage.tasks(tasks, task("orders", ""));
        await().until(() -> worker.received().size() > 10);
        leader.terminate();
        long asked = System.nanoTime();
        assertThat(leader.exitCode()).isIn(0, 143);
        tasks.forEach(name -> stage.awaitState(name, "Succeeded"));
        assertThat(worker.tasks()).containsExactlyInAnyOrderElementsOf(tasks);
        List<Received> all = worker.received();
        // The last one by the old leader is the one before the longest pause.
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
        stage.queue("orders", "{}");
        stage.queue("paused", "{state: Paused}");
        OperatorProcess leader = leader();
        String first = stage.leader();
        stage.replica();
        stage.task("odd", task("paused", ""));
        stage.awaitState("odd", "Queued");
        stage.kubectl(
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
        stage.task("a", task("orders", ""));
        assertThat(stage.awaitLeader(first)).isNotEqualTo(first);
        stage.awaitState("a", "Succeeded");
        assertThat(worker.tasks()).containsExactly("a");
    }

    @Test
    void aFrozenLeaderThatWakesUpSendsAndWritesNothing() {
        stage.queue("orders", "{rateLimits: {maxDispatchesPerSecond: 5, maxBurstSize: 1}}");
        var release = new CountDownLatch(1);
        worker.script(request -> {
            if (request.task().equals("flying")) {
                release.await();
            }
            return Answer.of(200);
        });
        OperatorProcess leader = leader();
        String first = stage.leader();
        stage.replica("SHUTDOWN_GRACE=1s");
        stage.task("flying", task("orders", "dispatchDeadline: 20m, "));
        stage.awaitState("flying", "Dispatching");
        stage.tasks(names("t", 100), task("orders", ""));
        await().until(() -> worker.received().size() > 5);
        leader.freeze();
        stage.awaitLeader(first);
        stage.patchQueue("orders", "{spec: {state: Paused}}");
        stage.awaitReason("flying", "BackingOff");
        await().until(() -> worker.open() == 1
                && stage.queueStatus("orders").at("/stats/queued").asInt() > 0
                && stage.queueStatus("orders").path("state").asText().equals("Paused"));
        release.countDown();
        List<String> sent = worker.tasks();
        Set<String> before = outcomes();
        leader.thaw();
        assertThat(leader.exitCode()).isEqualTo(LOST);
        assertThat(leader.log()).contains("has lost its lease").doesNotContain("Duplicate value");
        assertThat(worker.tasks()).isEqualTo(sent);
        assertThat(outcomes()).isEqualTo(before);
        assertThat(stage.status("flying").at("/lastAttempt/reason").asText()).isEqualTo("Interrupted");
    }

    @Test
    void aStolenLeaseEndsTheLeaderAndTheStandbyWaitsForTheThief() {
        stage.queue("orders", "{}");
        OperatorProcess leader = leader();
        String first = stage.leader();
        OperatorProcess standby = stage.replica();
        stage.patch("lease", TestCluster.LEASE, "{spec: {holderIdentity: thief}}");
        assertThat(leader.exitCode()).isEqualTo(LOST);
        assertThat(leader.log()).contains("thief has it");
        stage.task("a", task("orders", ""));
        assertThat(stage.awaitLeader(first, "thief")).isNotEqualTo(first);
        stage.awaitState("a", "Succeeded");
        assertThat(worker.tasks()).containsExactly("a");
        assertThat(standby.log()).contains("the leader is thief");
    }

    @Test
    void aDeletedLeaseEndsTheLeaderAndTheStandbyMakesANewOne() {
        stage.queue("orders", "{}");
        OperatorProcess leader = leader();
        String first = stage.leader();
        stage.replica();
        stage.plane()
                .client()
                .leases()
                .inNamespace(stage.namespace())
                .withName(TestCluster.LEASE)
                .delete();
        assertThat(leader.exitCode()).isEqualTo(LOST);
        assertThat(leader.log()).contains("it was deleted");
        stage.task("a", task("orders", ""));
        assertThat(stage.awaitLeader(first)).isNotEqualTo(first);
        stage.awaitState("a", "Succeeded");
        assertThat(worker.tasks()).containsExactly("a");
    }

    @Test
    void aLeaderThatNobodyReplacedGoesOnAfterTheApiServerWasAway() {
        stage.queue("orders", "{}");
        var release = new CountDownLatch(1);
        worker.script(request -> {
            release.await();
            return Answer.of(200);
        });
        OperatorProcess leader = leader();
        String first = stage.leader();
        stage.task("flying", task("orders", ""));
        await().until(() -> worker.open() == 1);
        stage.plane().stopApiServer();
        try {
            release.countDown();
            await().until(() -> leader.log().contains("was not renewed in time"));
            assertThat(leader.metric("taskqueue_leader")).isEqualTo(0);
        } finally {
            stage.plane().startApiServer();
        }
        stage.awaitState("flying", "Succeeded");
        stage.task("a", task("orders", ""));
        stage.awaitState("a", "Succeeded");
        assertThat(stage.leader()).isEqualTo(first);
        assertThat(worker.tasks()).containsExactly("flying", "a");
    }

    private OperatorProcess leader(String... settings) {
        OperatorProcess leader = stage.replica(settings);
        await().until(() -> leader.metric("taskqueue_leader") == 1);
        return leader;
    }

    private Set<String> succeeded() {
        return stage.tasks().stream()
                .filter(task -> task.at("/status/state").asText().equals("Succeeded"))
                .map(task -> task.at("/metadata/name").asText())
                .collect(Collectors.toSet());
    }

    /** What status says of attempts, of every Task. Where they wait is told meanwhile by the one that leads. */
    private Set<String> outcomes() {
        return stage.tasks().stream()
                .map(task -> task.at("/metadata/name").asText()
                        + task.at("/status/lastAttempt")
                        + task.at("/status/claim")
                        + task.at("/status/completionTime"))
                .collect(Collectors.toSet());
    }

    private int transitions() {
        return java.util.Objects.requireNonNull(stage.lease()).getSpec().getLeaseTransitions();
    }

    private static String task(String queue, String more) {
        return "{queueRef: {name: " + queue + "}, " + more + "httpRequest: {serviceRef: {name: worker}}}";
    }
}
