package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.Conditions;
import dev.taskqueue.operator.task.DocLinks;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What keeps a Task from being sent: it is told, costs no attempt, holds up no other Task, and is over when its cause is. */
class WaitingIT {
    @AutoClose
    private final TestCluster stage = new TestCluster();

    private final RecordingWorker worker = stage.worker("worker");

    @BeforeEach
    void createQueue() {
        stage.queue("orders", "{retry: {maxAttempts: 1}}");
    }

    @Test
    void aMissingQueueIsWaitedFor() {
        stage.operator();
        stage.task("a", "{queueRef: {name: later}, httpRequest: {serviceRef: {name: worker}}}");
        assertWaits("QueueNotFound", "TaskQueue " + stage.namespace() + "/later does not exist");
        stage.queue("later", "{}");
        assertGoes(worker);
    }

    @Test
    void aMissingServiceIsWaitedFor() {
        stage.operator();
        stage.task("a", to("{name: other}"));
        assertWaits("TargetNotFound", "Service " + stage.namespace() + "/other does not exist");
        assertGoes(stage.worker("other"));
    }

    @Test
    void aMissingPortIsWaitedFor() {
        stage.operator();
        stage.task("a", to("{name: worker, port: grpc}"));
        assertWaits("TargetNotFound", "Service " + stage.namespace() + "/worker");
        stage.patch("service", "worker", "{spec: {ports: [{name: grpc, port: %d}]}}".formatted(worker.port()));
        stage.endpoint("worker", true, "[{name: grpc, port: 8080}]");
        assertGoes(worker);
    }

    @Test
    void aTaskWithoutATargetWaitsForItsQueueToNameOne() {
        stage.operator();
        stage.task("a", "{queueRef: {name: orders}, httpRequest: {}}");
        assertWaits("TargetNotFound", "name one in the queue");
        stage.patchQueue("orders", "{spec: {httpTarget: {serviceRef: {name: worker}}}}");
        assertGoes(worker);
    }

    @Test
    void aServiceWithoutAReadyEndpointIsWaitedFor() {
        RecordingWorker other = stage.worker();
        stage.service("other", other.address(), "[{name: http, port: %d}]".formatted(other.port()));
        stage.endpoint("other", false, "[{name: http, port: 8080}]");
        stage.operator();
        stage.task("a", to("{name: other}"));
        JsonNode status =
                assertKept("NoReadyEndpoint", "Service " + stage.namespace() + "/other has no ready endpoint");
        assertThat(StatusConditions.conditions(status))
                .isEqualTo(Map.of(
                        "Accepted", "True Accepted",
                        "Finished", "False NoReadyEndpoint",
                        "Succeeded", "Unknown NoReadyEndpoint"));
        stage.endpoint("other", true, "[{name: http, port: 8080}]");
        assertGoes(other);
    }

    @Test
    void aHeadlessServiceWithoutEndpointsIsWaitedFor() {
        stage.service("headless", "None", "[{name: http, port: 8080}]");
        stage.operator();
        stage.task("a", to("{name: headless}"));
        assertKept("NoReadyEndpoint", "Service " + stage.namespace() + "/headless has no ready endpoint");
    }

    @Test
    void aRefusedTargetIsNeverCalledUntilItIsAnotherOne() {
        stage.create("{apiVersion: v1, kind: Service, metadata: {name: other},"
                + " spec: {type: ExternalName, externalName: example.org}}");
        stage.operator();
        stage.task("a", to("{name: other}"));
        assertWaits("TargetRefused", "ExternalName");
        stage.kubectl("delete", "service", "other");
        assertGoes(stage.worker("other"));
    }

    @Test
    void loopbackIsRefusedWhereItIsNotAllowed() {
        stage.operator("ALLOWED_TARGET_CIDRS=192.0.2.0/24");
        stage.task("a", to("{name: worker}"));
        assertThat(StatusConditions.message(stage.awaitReason("a", "TargetRefused")))
                .contains(worker.address())
                .contains("TASKQUEUE_ALLOWED_TARGET_CIDRS");
        assertThat(worker.received()).isEmpty();
    }

    @Test
    void aMissingServiceAccountIsWaitedFor() {
        stage.operator();
        stage.task(
                "a",
                "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}, serviceAccountToken: {serviceAccountName: caller}}}");
        assertWaits("TokenNotPermitted", "ServiceAccount " + stage.namespace() + "/caller does not exist");
        stage.plane().createServiceAccount(stage.namespace(), "caller");
        assertGoes(worker);
        assertThat(worker.received("a").getFirst().header("Authorization")).startsWith("Bearer ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dispatchDeadline: 10s", "delay: 2s"})
    void aLimitOfTheOperatorIsWaitedForUntilItIsRaised(String excess) {
        stage.operator("MAX_DISPATCH_DEADLINE=5s", "MAX_SCHEDULE_AHEAD=1s");
        stage.patchQueue("orders", "{spec: {dispatchDeadline: 5s}}");
        stage.task("a", "{queueRef: {name: orders}, %s, httpRequest: {serviceRef: {name: worker}}}".formatted(excess));
        assertWaits("LimitExceeded", "raised.");
        stage.stopLast();
        stage.operator();
        assertGoes(worker);
    }

    @Test
    void aQueuesDeadlineAboveTheLimitIsWaitedForUntilItIsLowered() {
        stage.operator("MAX_DISPATCH_DEADLINE=5s");
        stage.task("a", to("{name: worker}"));
        assertThat(StatusConditions.message(stage.awaitReason("a", "LimitExceeded")))
                .contains("The queue's dispatchDeadline 10m");
        assertThat(worker.received()).isEmpty();
        stage.patchQueue("orders", "{spec: {dispatchDeadline: 5s}}");
        assertGoes(worker);
    }

    private void assertWaits(String reason, String message) {
        JsonNode status = assertKept(reason, message);
        assertThat(StatusConditions.conditions(status))
                .isEqualTo(Map.of(
                        "Accepted", "False " + reason,
                        "Finished", "False " + reason,
                        "Succeeded", "Unknown " + reason));
    }

    /** Task a waits, and one that comes later and has nothing to wait for passes it. */
    private JsonNode assertKept(String reason, String message) {
        JsonNode status = stage.awaitReason("a", reason);
        assertThat(status.path("state").asText()).isEqualTo("Queued");
        assertThat(StatusConditions.message(status))
                .contains(message)
                .endsWith(" (see " + DocLinks.section(Conditions.Reason.valueOf(reason)) + ")")
                .hasSizeLessThanOrEqualTo(256);
        assertThat(status.has("dispatchCount")).isFalse();
        stage.task("neighbour", to("{name: worker}"));
        stage.awaitState("neighbour", "Succeeded");
        assertThat(worker.tasks()).containsExactly("neighbour");
        return status;
    }

    private void assertGoes(RecordingWorker to) {
        JsonNode status = stage.awaitState("a", "Succeeded");
        assertThat(StatusConditions.conditions(status))
                .containsEntry("Accepted", "True Accepted")
                .containsEntry("Succeeded", "True Delivered");
        assertThat(status.path("dispatchCount").asInt()).isEqualTo(1);
        await().untilAsserted(() -> assertThat(to.received("a")).hasSize(1));
    }

    private static String to(String service) {
        return "{queueRef: {name: orders}, httpRequest: {serviceRef: " + service + "}}";
    }
}
