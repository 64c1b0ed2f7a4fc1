package dev.taskqueue.operator.behaviour;

import static dev.taskqueue.operator.testing.TestCluster.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.TestCluster;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A leader loses its lease. It ends without another request or write, and the standby goes on. */
@Order(TestCluster.LONG_FIRST)
class LeaseLossIT {
    /** The exit code of a process that knows that it is no longer the leader. */
    private static final int LOST = 3;

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @Test
    void aFrozenLeaderThatWakesUpSendsAndWritesNothing() {
        // The long backoff keeps the interrupted Task from being sent again before the pause.
        cluster.queue("orders", "{rateLimits: {maxDispatchesPerSecond: 5, maxBurstSize: 1}, retry: {minBackoff: 10m}}");
        var release = new CountDownLatch(1);
        worker.script(request -> {
            if (request.task().equals("flying")) {
                release.await();
            }
            return Answer.of(200);
        });
        OperatorProcess leader = cluster.leadingReplica();
        String first = cluster.leader();
        cluster.replica("SHUTDOWN_GRACE=1s");
        cluster.task("flying", task("orders", "dispatchDeadline: 20m, "));
        cluster.awaitState("flying", "Dispatching");
        cluster.tasks(names("t", 100), task("orders", ""));
        await().until(() -> worker.received().size() > 5);
        leader.freeze();
        cluster.awaitLeader(first);
        cluster.patchQueue("orders", "{spec: {state: Paused}}");
        cluster.awaitReason("flying", "BackingOff");
        // What the new leader has sent, it writes before the former one wakes up. Outcomes that the former one kept are
        // never written.
        await().until(() -> worker.open() == 1 && hasWrittenAll(cluster.queueStatus("orders")));
        release.countDown();
        List<String> sent = worker.tasks();
        Set<String> before = outcomes();
        leader.thaw();
        assertThat(leader.exitCode()).isEqualTo(LOST);
        assertThat(leader.log()).contains("has lost Lease").doesNotContain("Duplicate value");
        assertThat(worker.tasks()).isEqualTo(sent);
        assertThat(outcomes()).isEqualTo(before);
        assertThat(cluster.status("flying").at("/lastAttempt/reason").asText()).isEqualTo("Interrupted");
    }

    @Test
    void aStolenLeaseEndsTheLeaderAndTheStandbyWaitsForTheThief() {
        cluster.queue("orders", "{}");
        OperatorProcess leader = cluster.leadingReplica();
        String first = cluster.leader();
        OperatorProcess standby = cluster.replica();
        cluster.patch("lease", TestCluster.LEASE, "{spec: {holderIdentity: thief}}");
        assertThat(leader.exitCode()).isEqualTo(LOST);
        assertThat(leader.log()).contains("thief has it");
        cluster.task("a", task("orders", ""));
        assertThat(cluster.awaitLeader(first, "thief")).isNotEqualTo(first);
        cluster.awaitState("a", "Succeeded");
        assertThat(worker.tasks()).containsExactly("a");
        assertThat(standby.log()).contains("the leader is thief");
    }

    @Test
    void aDeletedLeaseEndsTheLeaderAndTheStandbyMakesANewOne() {
        cluster.queue("orders", "{}");
        OperatorProcess leader = cluster.leadingReplica();
        String first = cluster.leader();
        cluster.replica();
        cluster.plane()
                .client()
                .leases()
                .inNamespace(cluster.namespace())
                .withName(TestCluster.LEASE)
                .delete();
        assertThat(leader.exitCode()).isEqualTo(LOST);
        assertThat(leader.log()).contains("it was deleted");
        cluster.task("a", task("orders", ""));
        assertThat(cluster.awaitLeader(first)).isNotEqualTo(first);
        cluster.awaitState("a", "Succeeded");
        assertThat(worker.tasks()).containsExactly("a");
    }

    /** Whether the status of a paused queue says that no outcome waits to be written, and counts the Tasks as they are now. */
    private boolean hasWrittenAll(JsonNode queue) {
        long unfinished = cluster.tasks().stream()
                .filter(task -> !task.at("/status/completionTime").isTextual())
                .count();
        return queue.path("state").asText().equals("Paused")
                && queue.at("/stats/queued").asInt() > 0
                && queue.at("/stats/dispatching").asInt() == 0
                && queue.at("/stats/tasks").asLong() == unfinished;
    }

    /** The attempts in the status of every Task. Waiting status is left out, because the new leader writes it meanwhile. */
    private Set<String> outcomes() {
        return cluster.tasks().stream()
                .map(task -> task.at("/metadata/name").asText()
                        + task.at("/status/lastAttempt")
                        + task.at("/status/claim")
                        + task.at("/status/completionTime"))
                .collect(Collectors.toSet());
    }

    private static String task(String queue, String more) {
        return "{queueRef: {name: " + queue + "}, " + more + "httpRequest: {serviceRef: {name: worker}}}";
    }
}
