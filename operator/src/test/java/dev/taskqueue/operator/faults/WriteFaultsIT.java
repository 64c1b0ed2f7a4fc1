package dev.taskqueue.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.OperatorAccount;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
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
    private final FaultyCluster stage = new FaultyCluster(ControlPlane.shared());

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
        FaultRule rule = stage.proxy.next(times, "PATCH", FaultyCluster.STATUS, fault);
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
        stage.proxy.swallow(FaultyCluster.TASKS);
        stage.find("edited").edit(task -> {
            task.getMetadata().setLabels(Map.of("team", "shop"));
            task.getMetadata().setAnnotations(Map.of("note", "in flight"));
            return task;
        });
        held.countDown();
        stage.assertDelivered(1);
        assertThat(stage.find("edited").get().getMetadata().getLabels()).containsEntry("team", "shop");
        assertThat(stage.proxy.count("PATCH", FaultyCluster.STATUS))
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
        stage.proxy.swallow(FaultyCluster.TASKS);
        FaultRule lost = stage.proxy.next(1, "PATCH", FaultyCluster.STATUS, new Fault.DropAfter());
        stage.awaitState("slow", TaskState.Dispatching);
        held.countDown();
        stage.assertDelivered(1);
        assertThat(lost.isUsedUp()).isTrue();
    }

    @Test
    void aTellingThatIsRefusedIsToldLater() throws IOException {
        stage.queue("{state: Paused}");
        stage.start();
        FaultRule refused = stage.proxy.next(2, "PATCH", FaultyCluster.STATUS, Fault.answer(500));
        stage.task("waiting");
        stage.awaitState("waiting", TaskState.Queued);
        assertThat(refused.isUsedUp()).isTrue();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void aTaskOfWhichNothingIsKeptGoesAtItsEnd(String what, Fault fault, int times) throws IOException {
        stage.queue("{retention: {succeeded: 0s}}");
        stage.start();
        FaultRule rule = stage.proxy.next(times, "DELETE", FaultyCluster.TASKS, fault);
        String uid = stage.task("gone");
        stage.await("the Task is gone").until(() -> stage.status("gone") == null);
        stage.stop();
        assertThat(rule.wasUsed()).as(what).isTrue();
        assertThat(stage.worker.received(uid)).isEqualTo(1);
    }

    @Test
    void aTokenThatIsRefusedAtFirstCostsNoAttempt() throws IOException {
        stage.plane.createServiceAccount(stage.namespace, OperatorAccount.CALLER);
        stage.queue("{}");
        stage.start();
        FaultRule rule = stage.proxy.next(2, "POST", "/token", Fault.answer(500));
        stage.task("with-token", ", serviceAccountToken: {serviceAccountName: caller}");
        stage.assertDelivered(1);
        assertThat(rule.isUsedUp()).isTrue();
    }

    /** A queue whose status writes are refused for good took all places for unwritten outcomes, and nobody else got any. */
    @Test
    void aQueueWhoseStatusIsRefusedHoldsUpNoOther() throws IOException {
        stage.queue("{}");
        stage.start("TASKQUEUE_MAX_UNWRITTEN", "20");
        FaultRule refused = stage.proxy.next(Integer.MAX_VALUE, "PATCH", "/tasks/bad-.*/status", Fault.answer(422));
        FaultRule noNote = stage.proxy.next(Integer.MAX_VALUE, "PATCH", "/tasks/bad-[^/?]*[?]", Fault.answer(422));
        FaultRule noDelete = stage.proxy.next(Integer.MAX_VALUE, "DELETE", "/tasks/bad-", Fault.answer(422));
        for (int i = 0; i < 50; i++) {
            stage.task("bad-" + i);
        }
        stage.await("the queue says so").until(stage::isBlocked);
        long sent = stage.proxy.count("PATCH", "/tasks/bad-.*/status");
        stage.queue("other", "{}");
        stage.taskOf("other", "good", "");
        stage.awaitState("good", TaskState.Succeeded);
        refused.lift();
        noNote.lift();
        noDelete.lift();
        stage.await("the queue is free again").until(() -> !stage.isBlocked());
        stage.assertDelivered(1);
        assertThat(sent).as("refused writes are not repeated at full rate").isLessThan(200);
    }

    /** A real policy: the handler is called once, the queue says so, a restart repeats nothing, and then all is written. */
    @Test
    void whatAPolicyRefusesIsNotSentAgainByARestart() throws IOException {
        stage.queue("{}");
        stage.start();
        stage.plane.kubectlWithInput("""
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicy
                metadata: {name: no-status-%1$s}
                spec:
                  matchConstraints:
                    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                    resourceRules:
                      - {apiGroups: [taskqueue.dev], apiVersions: [v1beta1], operations: [UPDATE], resources: [tasks/status]}
                  validations: [{expression: "false"}]
                ---
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicyBinding
                metadata: {name: no-status-%1$s}
                spec: {policyName: no-status-%1$s, validationActions: [Deny]}
                """.formatted(stage.namespace), "apply", "-f", "-");
        stage.await("the policy is in force").until(() -> isRefused("probe"));
        String uid = stage.task("refused");
        stage.await("the queue says so").until(stage::isBlocked);
        assertThat(stage.worker.received(uid)).isEqualTo(1);
        stage.stop();
        stage.start();
        stage.await("it is looked at again").until(() -> stage.isBlocked());
        stage.plane.kubectl("delete", "validatingadmissionpolicybinding", "no-status-" + stage.namespace);
        stage.awaitState("refused", TaskState.Succeeded);
        assertThat(stage.worker.received(uid)).as("calls of the handler").isEqualTo(1);
    }

    /** Creates a Task of no queue, and tries to write its status as an administrator. */
    private boolean isRefused(String name) {
        if (stage.find(name).get() == null) {
            stage.taskOf("none", name, "");
        }
        try {
            stage.find(name)
                    .subresource("status")
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"dispatchCount\":0}}");
            return false;
        } catch (KubernetesClientException refusal) {
            return refusal.getCode() == 422;
        }
    }
}
