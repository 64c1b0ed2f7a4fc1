package dev.taskqueue.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.Task;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.testing.ControlPlane;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Watches that end, lag or are too old. */
class WatchFaultsIT {
    private static final String WATCH = "/tasks\\?.*watch=true";

    @AutoClose
    private final FaultyCluster stage = new FaultyCluster(ControlPlane.shared());

    WatchFaultsIT() throws IOException {}

    @Test
    void aWatchThatIsCutIsTakenUpAgain() throws IOException {
        stage.queue("{}");
        stage.start();
        for (int i = 0; i < 4; i++) {
            stage.await("a watch").until(() -> stage.proxy.cutWatches(FaultyCluster.TASKS) > 0);
            stage.task("t" + i);
        }
        stage.assertDelivered(1);
        assertThat(stage.proxy.count("GET", WATCH)).isGreaterThan(4);
        assertThat(stage.proxy.count("GET", "/tasks\\?limit=")).as("lists").isEqualTo(1);
    }

    @Test
    void afterAWatchThatIsTooOldNothingIsMissing() throws IOException {
        stage.queue("{state: Paused}");
        stage.start();
        String deleted = stage.task("deleted");
        stage.awaitState("deleted", TaskState.Queued);
        stage.proxy.swallow(FaultyCluster.TASKS);
        stage.find("deleted").delete();
        stage.await("deleted").until(() -> stage.find("deleted").get() == null);
        String created = stage.task("created");
        FaultRule gone = stage.proxy.next(1, "GET", WATCH, Fault.answer(410));
        stage.proxy.tellAgain();
        assertThat(stage.proxy.cutWatches(FaultyCluster.TASKS)).isPositive();
        stage.awaitState("created", TaskState.Queued);
        stage.resume();
        stage.awaitState("created", TaskState.Succeeded);
        stage.stop();
        assertThat(gone.isUsedUp()).isTrue();
        assertThat(stage.proxy.count("GET", "/tasks\\?limit=")).as("lists").isEqualTo(2);
        assertThat(stage.worker.received(created)).isEqualTo(1);
        assertThat(stage.worker.received(deleted)).isZero();
    }

    @Test
    void readinessIsLearntAfterTheWatchesOfTargetsWereCut() throws IOException {
        stage.setReady(false);
        stage.queue("{}");
        stage.start();
        stage.task("waits");
        stage.awaitState("waits", TaskState.Queued);
        stage.proxy.swallow("/endpointslices");
        stage.setReady(true);
        stage.proxy.next(1, "GET", "/endpointslices.*watch=true", Fault.answer(410));
        stage.proxy.tellAgain();
        assertThat(stage.proxy.cutWatches("/(services|endpointslices)")).isEqualTo(2);
        stage.assertDelivered(1);
    }

    @Test
    void aTaskCreatedAnewUnderItsNameIsAnotherTask() throws IOException {
        stage.queue("{}");
        stage.start();
        String first = stage.task("again");
        CountDownLatch held = stage.worker.hold(first);
        stage.worker.answers(received -> received.uid().equals(first) ? 500 : 200);
        stage.await("in flight").until(() -> stage.worker.received(first) == 1);
        stage.find("again").delete();
        String second = stage.task("again");
        stage.awaitState("again", TaskState.Succeeded);
        held.countDown();
        stage.stop();
        Task task = Objects.requireNonNull(stage.find("again").get());
        assertThat(task.getMetadata().getUid()).isEqualTo(second);
        assertThat(Objects.requireNonNull(task.getStatus()).dispatchCount()).isEqualTo(1);
        assertThat(task.getStatus().state()).isEqualTo(TaskState.Succeeded);
        assertThat(stage.worker.received(first)).isEqualTo(1);
        assertThat(stage.worker.received(second)).isEqualTo(1);
    }

    @Test
    void anOutcomeIsNeverWrittenIntoATaskCreatedAnewThatNobodyHasToldOf() throws IOException {
        stage.queue("{}");
        stage.start();
        String first = stage.task("again");
        CountDownLatch held = stage.worker.hold(first);
        stage.worker.answers(received -> received.uid().equals(first) ? 500 : 200);
        stage.await("in flight").until(() -> stage.worker.received(first) == 1);
        stage.proxy.swallow(FaultyCluster.TASKS);
        stage.find("again").delete();
        String second = stage.task("again");
        held.countDown();
        stage.await("the outcome's conflict").until(() -> stage.proxy.count("GET", "/tasks/again$") > 0);
        assertThat(Objects.requireNonNull(stage.status("again")).dispatchCount())
                .isNull();
        stage.proxy.next(1, "GET", WATCH, Fault.answer(410));
        stage.proxy.tellAgain();
        assertThat(stage.proxy.cutWatches(FaultyCluster.TASKS)).isPositive();
        stage.awaitState("again", TaskState.Succeeded);
        stage.stop();
        assertThat(Objects.requireNonNull(stage.status("again")).dispatchCount())
                .isEqualTo(1);
        assertThat(stage.worker.received(first)).isEqualTo(1);
        assertThat(stage.worker.received(second)).isEqualTo(1);
    }
}
