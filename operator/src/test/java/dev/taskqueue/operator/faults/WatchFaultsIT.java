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
    private final FaultyCluster cluster = new FaultyCluster(ControlPlane.shared());

    WatchFaultsIT() throws IOException {}

    @Test
    void aWatchThatIsCutIsTakenUpAgain() throws IOException {
        cluster.queue("{}");
        cluster.start();
        for (int i = 0; i < 4; i++) {
            cluster.await("a watch").until(() -> cluster.proxy.cutWatches(FaultyCluster.TASKS) > 0);
            cluster.task("t" + i);
        }
        cluster.assertDelivered(1);
        assertThat(cluster.proxy.count("GET", WATCH)).isGreaterThan(4);
        assertThat(cluster.proxy.count("GET", "/tasks\\?limit=")).as("lists").isEqualTo(1);
    }

    @Test
    void afterAWatchThatIsTooOldNothingIsMissing() throws IOException {
        cluster.queue("{state: Paused}");
        cluster.start();
        String deleted = cluster.task("deleted");
        cluster.awaitState("deleted", TaskState.Queued);
        cluster.proxy.swallow(FaultyCluster.TASKS);
        cluster.find("deleted").delete();
        cluster.await("deleted").until(() -> cluster.find("deleted").get() == null);
        String created = cluster.task("created");
        FaultRule gone = cluster.proxy.next(1, "GET", WATCH, Fault.answer(410));
        cluster.proxy.tellAgain();
        assertThat(cluster.proxy.cutWatches(FaultyCluster.TASKS)).isPositive();
        cluster.awaitState("created", TaskState.Queued);
        cluster.resume();
        cluster.awaitState("created", TaskState.Succeeded);
        cluster.stop();
        assertThat(gone.isUsedUp()).isTrue();
        assertThat(cluster.proxy.count("GET", "/tasks\\?limit=")).as("lists").isEqualTo(2);
        assertThat(cluster.worker.count(created)).isEqualTo(1);
        assertThat(cluster.worker.count(deleted)).isZero();
    }

    @Test
    void readinessIsLearntAfterTheWatchesOfTargetsWereCut() throws IOException {
        cluster.setReady(false);
        cluster.queue("{}");
        cluster.start();
        cluster.task("waits");
        cluster.awaitState("waits", TaskState.Queued);
        cluster.proxy.swallow("/endpointslices");
        cluster.setReady(true);
        cluster.proxy.next(1, "GET", "/endpointslices.*watch=true", Fault.answer(410));
        cluster.proxy.tellAgain();
        assertThat(cluster.proxy.cutWatches("/services")).isPositive();
        assertThat(cluster.proxy.cutWatches("/endpointslices")).isPositive();
        cluster.assertDelivered(1);
    }

    @Test
    void aTaskCreatedAnewUnderItsNameIsAnotherTask() throws IOException {
        cluster.queue("{state: Paused}");
        cluster.start();
        String first = cluster.task("again");
        CountDownLatch held = cluster.worker.hold(first);
        cluster.worker.answers(received -> received.uid().equals(first) ? 500 : 200);
        cluster.resume();
        cluster.await("in flight").until(() -> cluster.worker.count(first) == 1);
        cluster.find("again").delete();
        String second = cluster.task("again");
        cluster.awaitState("again", TaskState.Succeeded);
        held.countDown();
        cluster.stop();
        Task task = Objects.requireNonNull(cluster.find("again").get());
        assertThat(task.getMetadata().getUid()).isEqualTo(second);
        assertThat(Objects.requireNonNull(task.getStatus()).dispatchCount()).isEqualTo(1);
        assertThat(task.getStatus().state()).isEqualTo(TaskState.Succeeded);
        assertThat(cluster.worker.count(first)).isEqualTo(1);
        assertThat(cluster.worker.count(second)).isEqualTo(1);
    }

    @Test
    void anOutcomeIsNeverWrittenIntoATaskCreatedAnewThatNobodyHasToldOf() throws IOException {
        cluster.queue("{state: Paused}");
        cluster.start();
        String first = cluster.task("again");
        CountDownLatch held = cluster.worker.hold(first);
        cluster.worker.answers(received -> received.uid().equals(first) ? 500 : 200);
        cluster.resume();
        cluster.await("in flight").until(() -> cluster.worker.count(first) == 1);
        cluster.proxy.swallow(FaultyCluster.TASKS);
        cluster.find("again").delete();
        String second = cluster.task("again");
        held.countDown();
        cluster.await("the outcome's conflict").until(() -> cluster.proxy.count("GET", "/tasks/again$") > 0);
        assertThat(Objects.requireNonNull(cluster.status("again")).dispatchCount())
                .isNull();
        cluster.proxy.next(1, "GET", WATCH, Fault.answer(410));
        cluster.proxy.tellAgain();
        assertThat(cluster.proxy.cutWatches(FaultyCluster.TASKS)).isPositive();
        cluster.awaitState("again", TaskState.Succeeded);
        cluster.stop();
        assertThat(Objects.requireNonNull(cluster.status("again")).dispatchCount())
                .isEqualTo(1);
        assertThat(cluster.worker.count(first)).isEqualTo(1);
        assertThat(cluster.worker.count(second)).isEqualTo(1);
    }
}
