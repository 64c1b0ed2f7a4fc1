package dev.taskqueue.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.testing.ControlPlane;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Writes that are refused, or whose answers are lost. */
class WriteFaultsIT {
    @AutoClose
    private final Stage stage = new Stage(ControlPlane.shared());

    WriteFaultsIT() throws IOException {}

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of("429 with Retry-After", new Fault.Answer(429, 1), 2),
                Arguments.of("409 of nobody's doing", Fault.answer(409), 3),
                Arguments.of("500", Fault.answer(500), 3),
                Arguments.of("503", Fault.answer(503), 3),
                Arguments.of("a connection that ends before", new Fault.DropBefore(), 3),
                Arguments.of("a connection that ends after, once", new Fault.DropAfter(), 1),
                Arguments.of("a connection that ends after, again and again", new Fault.DropAfter(), 5));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void anOutcomeWhoseWriteFailsIsWrittenInTheEnd(String what, Fault fault, int times) throws IOException {
        stage.queue("{retry: {minBackoff: 100ms}}");
        stage.worker.answers(received -> received.attempt() == 1 ? 503 : 200);
        stage.start();
        Rule rule = stage.proxy.next(times, "PATCH", Stage.STATUS, fault);
        for (int i = 0; i < 3; i++) {
            stage.task("t" + i);
        }
        stage.assertDelivered(2);
        assertThat(rule.isUsedUp()).as(what).isTrue();
    }

    @Test
    void anEditOfOthersCostsNoOutcome() throws IOException {
        stage.queue("{}");
        stage.start();
        String uid = stage.task("edited");
        CountDownLatch held = stage.worker.hold(uid);
        stage.await("in flight").until(() -> stage.worker.received(uid) == 1);
        // The operator does not learn of the edit but by the conflict.
        stage.proxy.swallow(Stage.TASKS);
        stage.find("edited").edit(task -> {
            task.getMetadata().setLabels(Map.of("team", "shop"));
            task.getMetadata().setAnnotations(Map.of("note", "in flight"));
            return task;
        });
        held.countDown();
        stage.assertDelivered(1);
        assertThat(stage.find("edited").get().getMetadata().getLabels()).containsEntry("team", "shop");
        assertThat(stage.proxy.count("PATCH", Stage.STATUS))
                .as("the conflict and what followed")
                .isGreaterThan(1);
    }

    @Test
    void aTellingWhoseAnswerIsLostLeavesNoClaimBehind() throws IOException {
        stage.queue("{}");
        stage.start();
        String uid = stage.task("slow");
        CountDownLatch held = stage.worker.hold(uid);
        stage.await("in flight").until(() -> stage.worker.received(uid) == 1);
        stage.proxy.swallow(Stage.TASKS);
        Rule lost = stage.proxy.next(1, "PATCH", Stage.STATUS, new Fault.DropAfter());
        stage.awaitState("slow", TaskState.Dispatching);
        held.countDown();
        stage.assertDelivered(1);
        assertThat(lost.isUsedUp()).isTrue();
    }

    @Test
    void aTellingThatIsRefusedIsToldLater() throws IOException {
        stage.queue("{state: Paused}");
        stage.start();
        Rule refused = stage.proxy.next(2, "PATCH", Stage.STATUS, Fault.answer(500));
        stage.task("waiting");
        stage.awaitState("waiting", TaskState.Queued);
        assertThat(refused.isUsedUp()).isTrue();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void aTaskOfWhichNothingIsKeptGoesAtItsEnd(String what, Fault fault, int times) throws IOException {
        stage.queue("{retention: {succeeded: 0s}}");
        stage.start();
        Rule rule = stage.proxy.next(times, "DELETE", Stage.TASKS, fault);
        String uid = stage.task("gone");
        stage.await("the Task is gone").until(() -> stage.status("gone") == null);
        stage.stop();
        assertThat(rule.wasUsed()).as(what).isTrue();
        assertThat(stage.worker.received(uid)).isEqualTo(1);
    }

    @Test
    void aTokenThatIsRefusedAtFirstCostsNoAttempt() throws IOException {
        stage.plane.createServiceAccount(stage.namespace, "dispatcher");
        stage.queue("{}");
        stage.start();
        Rule rule = stage.proxy.next(2, "POST", "/token", Fault.answer(500));
        stage.task("with-token", ", serviceAccountToken: {serviceAccountName: dispatcher}");
        stage.assertDelivered(1);
        assertThat(rule.isUsedUp()).isTrue();
    }
}
