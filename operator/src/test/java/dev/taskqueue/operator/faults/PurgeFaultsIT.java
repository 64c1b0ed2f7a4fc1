package dev.taskqueue.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.Purge;
import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.api.TaskQueueStatus;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.testing.ControlPlane;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A purge cannot go on, because half of its deletes are refused. Its TaskQueue decides what happens then, not the process that runs it. */
class PurgeFaultsIT {
    private static final String FUTURE = "\"2126-01-01T00:00:00Z\"";
    private static final List<String> EASY = List.of("easy-1", "easy-2", "easy-3", "easy-4");
    private static final List<String> HARD = List.of("hard-1", "hard-2", "hard-3", "hard-4", "hard-5");

    @AutoClose
    private final FaultyCluster cluster = new FaultyCluster(ControlPlane.shared());

    private final FaultRule refusal = cluster.proxy.next(Integer.MAX_VALUE, "DELETE", "/tasks/hard", Fault.answer(503));

    PurgeFaultsIT() throws IOException {}

    @BeforeEach
    void aPurgeHalfWay() throws IOException {
        cluster.queue("{state: Paused}");
        EASY.forEach(cluster::task);
        HARD.forEach(cluster::task);
        cluster.start();
        awaitNextSecond(HARD.getLast());
        purgeBefore(FUTURE);
        EASY.forEach(this::awaitGone);
        cluster.await("progress").until(() -> Objects.equals(purge().remaining(), HARD.size()));
        assertThat(purge().completionTime()).isNull();
        assertThat(HARD).allMatch(name -> cluster.find(name).get() != null);
    }

    @Test
    void itGoesOnWithTheSameCutoffAfterARestart() throws IOException {
        String cutoff = purge().cutoffTime();
        cluster.stop();
        cluster.task("new");
        // If the new process took its own time as the cutoff, the new Task would be deleted, too.
        awaitNextSecond("new");
        cluster.start();
        cluster.await("progress").until(() -> Objects.equals(purge().remaining(), HARD.size()));
        cluster.proxy.lift(refusal);
        HARD.forEach(this::awaitGone);
        cluster.await("the end of the purge").until(() -> purge().completionTime() != null);
        assertThat(purge().cutoffTime()).isEqualTo(cutoff);
        assertThat(purge().remaining()).isZero();
        cluster.resume();
        cluster.awaitState("new", TaskState.Succeeded);
        assertThat(cluster.worker.received().size()).isEqualTo(1);
    }

    @Test
    void removedItStopsAndWhatIsLeftRuns() {
        purgeBefore("null");
        cluster.resume();
        HARD.forEach(name -> cluster.awaitState(name, TaskState.Succeeded));
        cluster.stop();
        assertThat(cluster.worker.received().size()).isEqualTo(HARD.size());
        assertThat(purge().completionTime()).isNull();
    }

    @Test
    void anotherQueueIsServedMeanwhile() {
        cluster.queue("mail", "{}");
        cluster.taskOf("mail", "letter", "");
        cluster.awaitState("letter", TaskState.Succeeded);
        assertThat(purge().completionTime()).isNull();
    }

    /** A refused delete is not repeated at once: it comes again after a pause of 1 s, which grows. */
    @Test
    void whatIsRefusedIsTriedAgainNowAndThen() {
        Instant start = Instant.now();
        long before = cluster.proxy.count("DELETE", "/tasks/hard");
        cluster.await("further tries").until(() -> cluster.proxy.count("DELETE", "/tasks/hard") >= before + 4);
        long tries = cluster.proxy.count("DELETE", "/tasks/hard") - before;
        long seconds = Duration.between(start, Instant.now()).toSeconds() + 1;
        assertThat(tries).isLessThanOrEqualTo(4 * (seconds + 1));
    }

    /** @param time JSON */
    private void purgeBefore(String time) {
        queue().patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"purgeBefore\":" + time + "}}");
    }

    private Resource<TaskQueue> queue() {
        return cluster.plane
                .client()
                .resources(TaskQueue.class)
                .inNamespace(cluster.namespace)
                .withName("orders");
    }

    private Purge purge() {
        TaskQueueStatus status = queue().get().getStatus();
        @Nullable Purge purge = status == null ? null : status.purge();
        return purge == null ? new Purge(null, null, null, null) : purge;
    }

    private void awaitGone(String task) {
        cluster.await(task + " is gone").until(() -> cluster.find(task).get() == null);
    }

    /** Waits until the second of the Task's creation time is over. */
    private void awaitNextSecond(String task) {
        Instant created = Instant.parse(cluster.find(task).get().getMetadata().getCreationTimestamp());
        cluster.await("the next second").until(() -> Instant.now().isAfter(created.plusSeconds(1)));
    }
}
