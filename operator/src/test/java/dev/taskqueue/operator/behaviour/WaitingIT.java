package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever prevents the sending of a Task is reported, costs no attempt and delays no other Task. It ends when its cause ends. */
class WaitingIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void createQueue() {
        cluster.queue("orders", "{retry: {maxAttempts: 1}}");
    }

    @Test
    void aMissingQueueIsWaitedFor() {
        cluster.operator();
        cluster.task("a", "{queueRef: {name: later}, httpRequest: {serviceRef: {name: worker}}}");
        assertWaits("QueueNotFound", "TaskQueue " + cluster.namespace() + "/later does not exist");
        cluster.task("typo", to("{name: worker}").replace("orders", "order"));
        assertThat(StatusConditions.message(cluster.awaitReason("typo", "QueueNotFound")))
                .contains("/order does not exist: create it, and sending begins. Did you mean orders?");
        cluster.queue("later", "{}");
        assertGoes(worker);
    }

    @Test
    void aMissingServiceIsWaitedFor() {
        cluster.operator();
        cluster.task("a", to("{name: other}"));
        assertWaits("TargetNotFound", "Service " + cluster.namespace() + "/other does not exist");
        assertGoes(cluster.worker("other"));
    }

    @Test
    void aMissingPortIsWaitedFor() {
        cluster.operator();
        cluster.task("a", to("{name: worker, port: grpc}"));
        assertWaits("TargetNotFound", "Service " + cluster.namespace() + "/worker");
        cluster.patch("service", "worker", "{spec: {ports: [{name: grpc, port: %d}]}}".formatted(worker.port()));
        cluster.endpoint("worker", true, "[{name: grpc, port: 8080}]");
        assertGoes(worker);
    }

    @Test
    void aTaskWithoutATargetWaitsForItsQueueToNameOne() {
        cluster.operator();
        cluster.task("a", "{queueRef: {name: orders}, httpRequest: {}}");
        assertWaits("TargetNotFound", "name one in the queue");
        cluster.patchQueue("orders", "{spec: {httpTarget: {serviceRef: {name: worker}}}}");
        assertGoes(worker);
    }

    @Test
    void aServiceWithoutAReadyEndpointIsWaitedFor() {
        RecordingWorker other = cluster.worker();
        cluster.service("other", other.address(), "[{name: http, port: %d}]".formatted(other.port()));
        cluster.endpoint("other", false, "[{name: http, port: 8080}]");
        cluster.operator();
        cluster.task("a", to("{name: other}"));
        JsonNode status =
                assertKept("NoReadyEndpoint", "Service " + cluster.namespace() + "/other has no ready endpoint");
        assertThat(StatusConditions.conditions(status))
                .isEqualTo(Map.of(
                        "Accepted", "True Accepted",
                        "Finished", "False NoReadyEndpoint",
                        "Succeeded", "Unknown NoReadyEndpoint"));
        cluster.endpoint("other", true, "[{name: http, port: 8080}]");
        assertGoes(other);
    }

    @Test
    void aHeadlessServiceWithoutEndpointsIsWaitedFor() {
        cluster.service("headless", "None", "[{name: http, port: 8080}]");
        cluster.operator();
        cluster.task("a", to("{name: headless}"));
        assertKept("NoReadyEndpoint", "Service " + cluster.namespace() + "/headless has no ready endpoint");
    }

    @Test
    void aRefusedTargetIsNeverCalledUntilItIsAnotherOne() {
        cluster.create("{apiVersion: v1, kind: Service, metadata: {name: other},"
                + " spec: {type: ExternalName, externalName: example.org}}");
        cluster.operator();
        cluster.task("a", to("{name: other}"));
        assertWaits("TargetRefused", "ExternalName");
        cluster.kubectl("delete", "service", "other");
        assertGoes(cluster.worker("other"));
    }

    @Test
    void loopbackIsRefusedWhereItIsNotAllowed() {
        cluster.operator("ALLOWED_TARGET_CIDRS=192.0.2.0/24");
        cluster.task("a", to("{name: worker}"));
        assertThat(StatusConditions.message(cluster.awaitReason("a", "TargetRefused")))
                .contains(worker.address())
                .contains("TASKQUEUE_ALLOWED_TARGET_CIDRS");
        assertThat(worker.received()).isEmpty();
    }

    @Test
    void aMissingServiceAccountIsWaitedFor() {
        cluster.operator();
        cluster.task(
                "a",
                "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}, serviceAccountToken: {serviceAccountName: caller}}}");
        assertWaits("TokenNotPermitted", "ServiceAccount " + cluster.namespace() + "/caller does not exist");
        cluster.plane().createServiceAccount(cluster.namespace(), "caller");
        assertGoes(worker);
        assertThat(worker.received("a").getFirst().header("Authorization")).startsWith("Bearer ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dispatchDeadline: 10s", "delay: 2s"})
    void aLimitOfTheOperatorIsWaitedForUntilItIsRaised(String excess) {
        cluster.operator("MAX_DISPATCH_DEADLINE=5s", "MAX_SCHEDULE_AHEAD=1s");
        cluster.patchQueue("orders", "{spec: {dispatchDeadline: 5s}}");
        cluster.task(
                "a", "{queueRef: {name: orders}, %s, httpRequest: {serviceRef: {name: worker}}}".formatted(excess));
        assertWaits("LimitExceeded", "raised.");
        cluster.stopLast();
        cluster.operator();
        assertGoes(worker);
    }

    @Test
    void aQueuesDeadlineAboveTheLimitIsWaitedForUntilItIsLowered() {
        cluster.operator("MAX_DISPATCH_DEADLINE=5s");
        cluster.task("a", to("{name: worker}"));
        assertThat(StatusConditions.message(cluster.awaitReason("a", "LimitExceeded")))
                .contains("The queue's dispatchDeadline 10m");
        assertThat(worker.received()).isEmpty();
        cluster.patchQueue("orders", "{spec: {dispatchDeadline: 5s}}");
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

    /** Task a waits, and a later Task that has nothing to wait for passes it. */
    private JsonNode assertKept(String reason, String message) {
        JsonNode status = cluster.awaitReason("a", reason);
        assertThat(status.path("state").asText()).isEqualTo("Queued");
        assertThat(StatusConditions.message(status))
                .contains(message)
                .endsWith(" (see Troubleshooting, section " + reason + ")")
                .hasSizeLessThanOrEqualTo(256);
        assertThat(status.has("dispatchCount")).isFalse();
        cluster.task("neighbour", to("{name: worker}"));
        cluster.awaitState("neighbour", "Succeeded");
        assertThat(worker.tasks()).containsExactly("neighbour");
        return status;
    }

    private void assertGoes(RecordingWorker to) {
        JsonNode status = cluster.awaitState("a", "Succeeded");
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
