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
    private final FaultyCluster cluster = new FaultyCluster(ControlPlane.shared());

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
        cluster.queue("{retry: {minBackoff: 100ms}}");
        cluster.worker.answers(received -> received.attempt() == 1 ? 503 : 200);
        cluster.start();
        FaultRule rule = cluster.proxy.next(times, "PATCH", FaultyCluster.STATUS, fault);
        for (int i = 0; i < 3; i++) {
            cluster.task("t" + i);
        }
        cluster.assertDelivered(2);
        assertThat(rule.isUsedUp()).as(what).isTrue();
    }

    @Test
    void anEditOfOthersCostsNoOutcome() throws IOException {
        cluster.queue("{state: Paused}");
        cluster.start();
        String uid = cluster.task("edited");
        CountDownLatch held = cluster.worker.hold(uid);
        cluster.resume();
        cluster.await("in flight").until(() -> cluster.worker.count(uid) == 1);
        // The operator learns of the edit only by the conflict.
        cluster.proxy.swallow(FaultyCluster.TASKS);
        cluster.find("edited").edit(task -> {
            task.getMetadata().setLabels(Map.of("team", "shop"));
            task.getMetadata().setAnnotations(Map.of("note", "in flight"));
            return task;
        });
        long before = cluster.proxy.count("PATCH", FaultyCluster.STATUS);
        held.countDown();
        cluster.assertDelivered(1);
        assertThat(cluster.find("edited").get().getMetadata().getLabels()).containsEntry("team", "shop");
        assertThat(cluster.proxy.count("PATCH", FaultyCluster.STATUS))
                .as("the conflict and what followed")
                .isGreaterThan(before + 1);
    }

    @Test
    void aTellingWhoseAnswerIsLostLeavesNoClaimBehind() throws IOException {
        cluster.queue("{state: Paused}");
        cluster.start();
        String uid = cluster.task("slow");
        CountDownLatch held = cluster.worker.hold(uid);
        cluster.resume();
        cluster.await("in flight").until(() -> cluster.worker.count(uid) == 1);
        cluster.proxy.swallow(FaultyCluster.TASKS);
        FaultRule lost = cluster.proxy.next(1, "PATCH", FaultyCluster.STATUS, new Fault.DropAfter());
        cluster.awaitState("slow", TaskState.Dispatching);
        held.countDown();
        cluster.assertDelivered(1);
        assertThat(lost.isUsedUp()).isTrue();
    }

    @Test
    void aTellingThatIsRefusedIsToldLater() throws IOException {
        cluster.queue("{state: Paused}");
        cluster.start();
        FaultRule refused = cluster.proxy.next(2, "PATCH", FaultyCluster.STATUS, Fault.answer(500));
        cluster.task("waiting");
        cluster.awaitState("waiting", TaskState.Queued);
        assertThat(refused.isUsedUp()).isTrue();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void aTaskOfWhichNothingIsKeptGoesAtItsEnd(String what, Fault fault, int times) throws IOException {
        cluster.queue("{retention: {succeeded: 0s}}");
        cluster.start();
        FaultRule rule = cluster.proxy.next(times, "DELETE", FaultyCluster.TASKS, fault);
        String uid = cluster.task("gone");
        cluster.await("the Task is gone").until(() -> cluster.status("gone") == null);
        cluster.stop();
        assertThat(rule.wasUsed()).as(what).isTrue();
        assertThat(cluster.worker.count(uid)).isEqualTo(1);
    }

    @Test
    void aTokenThatIsRefusedAtFirstCostsNoAttempt() throws IOException {
        cluster.plane.createServiceAccount(cluster.namespace, OperatorAccount.CALLER);
        cluster.queue("{}");
        cluster.start();
        FaultRule rule = cluster.proxy.next(2, "POST", "/token", Fault.answer(500));
        cluster.task("with-token", ", serviceAccountToken: {serviceAccountName: caller}");
        cluster.assertDelivered(1);
        assertThat(rule.isUsedUp()).isTrue();
    }

    /** If the status writes of a queue were refused for good, that queue once took all slots for unwritten outcomes, and no other queue got any. */
    @Test
    void aQueueWhoseStatusIsRefusedHoldsUpNoOther() throws IOException {
        cluster.queue("{}");
        cluster.start("MAX_UNWRITTEN=20");
        FaultRule refused = cluster.proxy.next(Integer.MAX_VALUE, "PATCH", "/tasks/bad-.*/status", Fault.answer(422));
        FaultRule noNote = cluster.proxy.next(Integer.MAX_VALUE, "PATCH", "/tasks/bad-[^/?]*[?]", Fault.answer(422));
        FaultRule noDelete = cluster.proxy.next(Integer.MAX_VALUE, "DELETE", "/tasks/bad-", Fault.answer(422));
        for (int i = 0; i < 50; i++) {
            cluster.task("bad-" + i);
        }
        cluster.await("the queue says so").until(cluster::isBlocked);
        long sent = cluster.proxy.count("PATCH", "/tasks/bad-.*/status");
        cluster.queue("other", "{}");
        cluster.taskOf("other", "good", "");
        cluster.awaitState("good", TaskState.Succeeded);
        refused.lift();
        noNote.lift();
        noDelete.lift();
        cluster.await("the queue is free again").until(() -> !cluster.isBlocked());
        cluster.assertDelivered(1);
        assertThat(sent).as("refused writes are not repeated at full rate").isLessThan(200);
    }

    /**
     * A real policy refuses the writes. The handler is called once, the queue reports it, a restart repeats nothing, and finally everything is
     * written.
     */
    @Test
    void whatAPolicyRefusesIsNotSentAgainByARestart() throws IOException {
        cluster.queue("{}");
        cluster.start();
        refuseStatus();
        String uid = cluster.task("refused");
        cluster.await("the queue says so").until(cluster::isBlocked);
        assertThat(cluster.worker.count(uid)).isEqualTo(1);
        cluster.stop();
        cluster.start();
        cluster.await("it is looked at again").until(() -> cluster.isBlocked());
        allowStatus();
        cluster.awaitState("refused", TaskState.Succeeded);
        assertThat(cluster.worker.count(uid)).as("calls of the handler").isEqualTo(1);
    }

    /** The queue reports outcomes of items as it does those of Tasks. */
    @Test
    void whatAPolicyRefusesOfABatchIsToldAtItsQueue() throws IOException {
        cluster.queue("{}");
        cluster.start();
        refuseStatus();
        cluster.batch("b", 3);
        cluster.await("the queue says so").until(() -> cluster.blocked().contains("; 3 Tasks wait for it."));
        assertThat(cluster.blocked())
                .contains(
                        "That of TaskBatch " + cluster.namespace
                                + "/b is among them: the API server refused it with 422 by ValidatingAdmissionPolicy no-status-");
        allowStatus();
        cluster.awaitBatchState("b", "Succeeded");
        cluster.await("the queue is free again").until(() -> !cluster.isBlocked());
        assertThat(cluster.worker.received()).hasSize(3);
    }

    /** A real policy refuses the status of Tasks and TaskBatches, to everybody. */
    private void refuseStatus() {
        cluster.plane.kubectlWithInput("""
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicy
                metadata: {name: no-status-%1$s}
                spec:
                  matchConstraints:
                    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                    resourceRules:
                      - {apiGroups: [taskqueue.dev], apiVersions: [v1beta1], operations: [UPDATE], resources: [tasks/status, taskbatches/status]}
                  validations: [{expression: "false"}]
                ---
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicyBinding
                metadata: {name: no-status-%1$s}
                spec: {policyName: no-status-%1$s, validationActions: [Deny]}
                """.formatted(cluster.namespace), "apply", "-f", "-");
        cluster.await("the policy is in force").until(() -> isRefused("probe"));
    }

    private void allowStatus() {
        cluster.plane.kubectl("delete", "validatingadmissionpolicybinding", "no-status-" + cluster.namespace);
    }

    /** Creates a Task that belongs to no queue, and tries to write its status as an administrator. */
    private boolean isRefused(String name) {
        if (cluster.find(name).get() == null) {
            cluster.taskOf("none", name, "");
        }
        try {
            cluster.find(name)
                    .subresource("status")
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"dispatchCount\":0}}");
            return false;
        } catch (KubernetesClientException refusal) {
            return refusal.getCode() == 422;
        }
    }
}
