package dev.taskqueue.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.OperatorProcess;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The API server is not available when an operator starts or stops. */
class StartAndStopIT {
    @AutoClose
    private final FaultyCluster cluster = new FaultyCluster(ControlPlane.shared());

    StartAndStopIT() throws IOException {}

    @Test
    void whoStartsBeforeItsApiServerWaitsForIt() throws IOException {
        cluster.queue("{}");
        cluster.proxy.leave();
        try (OperatorProcess operator = cluster.startProcess()) {
            cluster.await("that it waits").until(() -> operator.log().contains("gives no answer"));
            assertThat(operator.isLive()).isTrue();
            assertThat(operator.isReady()).isFalse();
            FaultRule refused = cluster.proxy.next(2, "GET", "/apis/taskqueue.dev/v1beta1$", Fault.answer(403));
            cluster.proxy.comeBack();
            operator.awaitReady();
            assertThat(refused.isUsedUp()).isTrue();
            assertThat(operator.log()).contains("answers 403");
            cluster.task("a");
            cluster.awaitState("a", TaskState.Succeeded);
        }
    }

    @Test
    void whoStopsWhileTheApiServerIsAwayKeepsTheLeaseUntilItsOutcomesAreWritten() throws IOException {
        cluster.queue("{state: Paused}");
        try (OperatorProcess operator = cluster.startProcess(
                "LEADER_ELECTION=true",
                "LEASE_NAMESPACE=" + cluster.namespace,
                "LEASE_NAME=taskqueue",
                "LEASE_DURATION=5s",
                "SHUTDOWN_GRACE=60s")) {
            operator.awaitReady();
            cluster.await("that it leads").until(() -> operator.metric("taskqueue_leader") == 1);
            String uid = cluster.task("a");
            CountDownLatch latch = cluster.worker.hold(uid);
            cluster.resume();
            cluster.await("in flight").until(() -> cluster.worker.count(uid) == 1);
            cluster.proxy.leave();
            operator.terminate();
            cluster.await("that the fence is closed").until(() -> operator.log().contains("was not renewed in time"));
            latch.countDown();
            cluster.proxy.comeBack();
            cluster.awaitState("a", TaskState.Succeeded);
            operator.exitCode();
            assertThat(Objects.requireNonNull(cluster.status("a")).dispatchCount())
                    .isEqualTo(1);
            assertThat(cluster.worker.count(uid)).isEqualTo(1);
        }
    }

    /** Each other write would keep the next leader waiting. */
    @Test
    void whoStopsWritesOnlyOutcomesAndClaims() throws IOException {
        cluster.queue("{state: Paused}");
        try (OperatorProcess operator = cluster.startProcess(
                "LEADER_ELECTION=true",
                "LEASE_NAMESPACE=" + cluster.namespace,
                "LEASE_NAME=taskqueue",
                "SHUTDOWN_GRACE=60s")) {
            operator.awaitReady();
            cluster.await("that it leads").until(() -> operator.metric("taskqueue_leader") == 1);
            String inFlight = cluster.task("a");
            CountDownLatch latch = cluster.worker.hold(inFlight);
            cluster.task("finished");
            cluster.resume();
            cluster.awaitState("finished", TaskState.Succeeded);
            cluster.await("in flight").until(() -> cluster.worker.count(inFlight) == 1);
            // It is tried every 50 ms, so what is due meanwhile would be written long before.
            FaultRule claims = cluster.proxy.next(100, "PATCH", "/tasks/a/status", Fault.answer(503));
            operator.terminate();
            cluster.await("that it stops").until(() -> operator.log().contains("Stopping"));
            cluster.setRetention("0s");
            cluster.await("that the claim is stored at last").until(claims::isUsedUp);
            latch.countDown();
            operator.exitCode();
            assertThat(cluster.status("finished")).isNotNull();
        }
    }
}
