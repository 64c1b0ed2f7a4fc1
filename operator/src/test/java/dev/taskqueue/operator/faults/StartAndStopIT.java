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

/** An API server that is not there when an operator starts, or stops. */
class StartAndStopIT {
    @AutoClose
    private final FaultyCluster stage = new FaultyCluster(ControlPlane.shared());

    StartAndStopIT() throws IOException {}

    @Test
    void whoStartsBeforeItsApiServerWaitsForIt() throws IOException {
        stage.queue("{}");
        stage.proxy.leave();
        try (OperatorProcess operator = stage.startProcess()) {
            stage.await("that it waits").until(() -> operator.log().contains("gives no answer"));
            assertThat(operator.isLive()).isTrue();
            assertThat(operator.isReady()).isFalse();
            FaultRule refused = stage.proxy.next(2, "GET", "/apis/taskqueue.dev/v1beta1$", Fault.answer(403));
            stage.proxy.comeBack();
            operator.awaitReady();
            assertThat(refused.isUsedUp()).isTrue();
            assertThat(operator.log()).contains("answers 403");
            stage.task("a");
            stage.awaitState("a", TaskState.Succeeded);
        }
    }

    @Test
    void whoStopsWhileTheApiServerIsAwayKeepsTheLeaseUntilItsOutcomesAreWritten() throws IOException {
        stage.queue("{state: Paused}");
        try (OperatorProcess operator = stage.startProcess(
                "TASKQUEUE_LEADER_ELECTION", "true",
                "TASKQUEUE_LEASE_NAMESPACE", stage.namespace,
                "TASKQUEUE_LEASE_NAME", "taskqueue",
                "TASKQUEUE_LEASE_DURATION", "5s",
                "TASKQUEUE_SHUTDOWN_GRACE", "60s")) {
            operator.awaitReady();
            stage.await("that it leads").until(() -> operator.metric("taskqueue_leader") == 1);
            String uid = stage.task("a");
            CountDownLatch latch = stage.worker.hold(uid);
            stage.resume();
            stage.await("in flight").until(() -> stage.worker.received(uid) == 1);
            stage.proxy.leave();
            operator.terminate();
            stage.await("that the fence is closed").until(() -> operator.log().contains("was not renewed in time"));
            latch.countDown();
            stage.proxy.comeBack();
            stage.awaitState("a", TaskState.Succeeded);
            operator.exitCode();
            assertThat(Objects.requireNonNull(stage.status("a")).dispatchCount())
                    .isEqualTo(1);
            assertThat(stage.worker.received(uid)).isEqualTo(1);
        }
    }
}
