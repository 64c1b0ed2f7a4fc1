package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.TestCluster;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The API server of a leader is away for longer than the lease lasts. This test has its own API server, because it stops it. */
class LeaderWithoutApiServerIT {
    private final ControlPlane plane = ControlPlane.startOwn();

    private final TestCluster cluster = new TestCluster(plane);

    private final RecordingWorker worker = cluster.worker("worker");

    @AfterEach
    void close() {
        cluster.close();
        plane.close();
    }

    @Test
    void aLeaderThatNobodyReplacedGoesOnAfterTheApiServerWasAway() {
        cluster.queue("orders", "{}");
        var release = new CountDownLatch(1);
        worker.script(request -> {
            release.await();
            return Answer.of(200);
        });
        OperatorProcess leader = cluster.leadingReplica();
        String first = cluster.leader();
        cluster.task("flying", task("orders", ""));
        await().until(() -> worker.open() == 1);
        plane.stopApiServer();
        try {
            release.countDown();
            await().until(() -> leader.log().contains("was not renewed in time"));
            assertThat(leader.metric("taskqueue_leader")).isEqualTo(0);
        } finally {
            plane.startApiServer();
        }
        cluster.awaitState("flying", "Succeeded");
        cluster.task("a", task("orders", ""));
        cluster.awaitState("a", "Succeeded");
        assertThat(cluster.leader()).isEqualTo(first);
        assertThat(worker.tasks()).containsExactly("flying", "a");
    }

    private static String task(String queue, String more) {
        return "{queueRef: {name: " + queue + "}, " + more + "httpRequest: {serviceRef: {name: worker}}}";
    }
}
