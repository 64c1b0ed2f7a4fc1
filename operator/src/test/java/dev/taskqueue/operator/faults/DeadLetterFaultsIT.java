package dev.taskqueue.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.Task;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.OperatorProcess;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The creation of a dead letter fails, its answer is lost, or the process crashes meanwhile. There is always one dead letter, and not two. */
class DeadLetterFaultsIT {
    private static final String CREATE = "/tasks\\?fieldManager";
    private static final int ALWAYS = Integer.MAX_VALUE;

    @AutoClose
    private final FaultyCluster cluster = new FaultyCluster(ControlPlane.shared());

    DeadLetterFaultsIT() throws IOException {}

    @BeforeEach
    void aQueueWithADeadLetterQueue() {
        cluster.queue("{retry: {giveUp: WhenEither, maxAttempts: 1}, deadLetter: {queueRef: {name: failed}}}");
        cluster.queue("failed", "{}");
        cluster.worker.answers(received -> received.task().equals("a") ? 500 : 200);
    }

    @Test
    void aCrashBetweenTheTwoWritesLeavesOneDeadLetter() {
        FaultRule noEnd = cluster.proxy.next(ALWAYS, "PATCH", "/tasks/a/status", new Fault.DropBefore());
        String uid;
        try (OperatorProcess first = cluster.process()) {
            uid = cluster.task("a");
            cluster.awaitState(letterOf(uid), TaskState.Succeeded);
            cluster.await("the end is not written").until(noEnd::wasUsed);
            first.kill();
        }
        assertThat(Objects.requireNonNull(cluster.status("a")).state()).isNotEqualTo(TaskState.Failed);
        noEnd.lift();
        try (OperatorProcess second = cluster.process()) {
            cluster.awaitState("a", TaskState.Failed);
            assertThat(second.isAlive()).isTrue();
        }
        assertThat(cluster.proxy.count("POST", CREATE)).isEqualTo(2);
        assertOneDeadLetter(uid);
    }

    @Test
    void aCrashBeforeTheFirstWriteLeavesOneDeadLetter() {
        FaultRule noLetter = cluster.proxy.next(ALWAYS, "POST", CREATE, new Fault.DropBefore());
        String uid;
        try (OperatorProcess first = cluster.process()) {
            uid = cluster.task("a");
            cluster.await("the dead letter is not created").until(noLetter::wasUsed);
            first.kill();
        }
        assertThat(cluster.find(letterOf(uid)).get()).isNull();
        assertThat(Objects.requireNonNull(cluster.status("a")).state()).isNotEqualTo(TaskState.Failed);
        noLetter.lift();
        try (OperatorProcess second = cluster.process()) {
            cluster.awaitState("a", TaskState.Failed);
            cluster.awaitState(letterOf(uid), TaskState.Succeeded);
            assertThat(second.isAlive()).isTrue();
        }
        assertOneDeadLetter(uid);
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of("429 with Retry-After", new Fault.Answer(429, 1), 2),
                Arguments.of("409 of nobody's doing", Fault.answer(409), 3),
                Arguments.of("500", Fault.answer(500), 3),
                Arguments.of("403 for a moment", Fault.answer(403), 2),
                Arguments.of("a connection that ends before", new Fault.DropBefore(), 3),
                Arguments.of("a connection that ends after, once", new Fault.DropAfter(), 1),
                Arguments.of("a connection that ends after, again and again", new Fault.DropAfter(), 5));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void aDeadLetterWhoseCreationFailsIsCreatedInTheEnd(String what, Fault fault, int times) throws IOException {
        cluster.start();
        FaultRule rule = cluster.proxy.next(times, "POST", CREATE, fault);
        String uid = cluster.task("a");
        cluster.awaitState("a", TaskState.Failed);
        cluster.awaitState(letterOf(uid), TaskState.Succeeded);
        cluster.stop();
        // A write that arrived although its answer was lost is read back, and not sent again.
        assertThat(what.contains("ends after") ? rule.wasUsed() : rule.isUsedUp())
                .as(what)
                .isTrue();
        assertThat(cluster.worker.count(uid)).isEqualTo(1);
        assertOneDeadLetter(uid);
    }

    @Test
    void aTaskDeletedWhileItsDeadLetterIsRefusedLeavesNone() throws IOException {
        cluster.start();
        FaultRule rule = cluster.proxy.next(ALWAYS, "POST", CREATE, Fault.answer(500));
        String uid = cluster.task("a");
        cluster.await("a refusal").until(rule::wasUsed);
        cluster.find("a").delete();
        cluster.task("next");
        cluster.awaitState("next", TaskState.Succeeded);
        rule.lift();
        cluster.stop();
        assertThat(cluster.find(letterOf(uid)).get()).isNull();
    }

    private void assertOneDeadLetter(String uid) {
        List<Task> tasks = cluster.plane
                .client()
                .resources(Task.class)
                .inNamespace(cluster.namespace)
                .list()
                .getItems();
        assertThat(tasks).extracting(task -> task.getMetadata().getName()).containsExactly("a", letterOf(uid));
        assertThat(cluster.worker.count(tasks.getLast().getMetadata().getUid())).isEqualTo(1);
        assertThat(Objects.requireNonNull(cluster.status("a")).state()).isEqualTo(TaskState.Failed);
    }

    private static String letterOf(String uid) {
        return "a-dl-" + uid.substring(0, 8);
    }
}
