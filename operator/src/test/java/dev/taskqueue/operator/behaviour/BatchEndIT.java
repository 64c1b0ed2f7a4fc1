package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.KubectlFailed;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The end of a TaskBatch on a real API server: its dead letters and its Task of onFinished, and what happens where neither may be created. */
class BatchEndIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HEAD = "{queueRef: {name: q}, template: {httpRequest: {serviceRef: {name: worker}}}, ";
    private static final String REPORT = "onFinished: {httpRequest: {serviceRef: {name: worker}, path: /report}}, ";
    private static final String REFUSED = "the API server refused it with 422 by ValidatingAdmissionPolicy ";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void start() {
        cluster.queue("dead", "{state: Paused}");
        cluster.queue("q", "{retry: {maxAttempts: 1, giveUp: WhenEither}, deadLetter: {queueRef: {name: dead}}}");
        cluster.operator();
        worker.answers(request -> isReport(request) ? 200 : 422);
    }

    private static boolean isReport(Received request) {
        return request.line().contains(" /report ");
    }

    private List<JsonNode> reports() {
        return worker.received().stream()
                .filter(BatchEndIT::isReport)
                .map(request -> {
                    try {
                        return JSON.readTree(request.body());
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
    }

    /** Creates a policy about new objects of this namespace, and waits until it refuses one. */
    private void policy(String resources, String expression, String refused) {
        String name = resources + "-" + cluster.namespace();
        cluster.kubectlWithInput("""
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicy
                metadata: {name: %1$s}
                spec:
                  matchConstraints:
                    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %2$s}}
                    resourceRules:
                      - {apiGroups: [taskqueue.dev], apiVersions: [v1beta1], operations: [CREATE], resources: [%3$s]}
                  validations: [{expression: "%4$s"}]
                ---
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicyBinding
                metadata: {name: %1$s}
                spec: {policyName: %1$s, validationActions: [Deny]}
                """.formatted(name, cluster.namespace(), resources, expression), "apply", "-f", "-");
        awaitRefusal("ValidatingAdmissionPolicy '" + name, refused);
    }

    /** Waits until the API server refuses objects like this with this text. */
    private void awaitRefusal(String text, String manifest) {
        var probes = new AtomicInteger();
        await().until(() -> {
            try {
                cluster.kubectlWithInput(
                        manifest.formatted("probe-" + probes.incrementAndGet()),
                        "create",
                        "--dry-run=server",
                        "-f",
                        "-");
                return false;
            } catch (KubectlFailed refused) {
                return String.valueOf(refused.getMessage()).contains(text);
            }
        });
    }

    private String message(JsonNode status) {
        return StatusConditions.message(status).replace("-" + cluster.namespace(), "");
    }

    @Test
    void aPolicyThatRefusesDeadLettersIsNamedInTheBatchAndItsReportStillComes() {
        policy(
                "taskbatches",
                "object.spec.queueRef.name != 'dead'",
                "{apiVersion: taskqueue.dev/v1beta1, kind: TaskBatch, metadata: {name: %s}, spec: {queueRef: {name: dead}, count: 1}}");
        cluster.batch("b", HEAD + REPORT + "count: 3}");
        JsonNode status = cluster.awaitBatchState("b", "Failed");
        String sentence = "Items have no dead letters in TaskQueue dead: " + REFUSED + "taskbatches";
        assertThat(message(status)).startsWith("3 of 3 items failed; the first, item 0, was answered 422. " + sentence);
        assertThat(status.at("/deadLetters/message").asText().replace("-" + cluster.namespace(), ""))
                .startsWith(sentence);
        assertThat(status.at("/deadLetters/created").asInt(-1)).isZero();
        assertThat(status.path("deadLetters").has("open")).isFalse();
        await().until(() -> reports().size() == 1);
    }

    @Test
    void aPolicyThatRefusesTheTaskOfOnFinishedIsNamedInTheBatch() {
        policy(
                "tasks",
                "!has(object.metadata.annotations) || !('taskqueue.dev/batch-uid' in object.metadata.annotations)",
                "{apiVersion: taskqueue.dev/v1beta1, kind: Task, metadata: {name: %s, annotations: {taskqueue.dev/batch-uid: a}}, spec: {queueRef: {name: dead}}}");
        cluster.batch("b", HEAD + REPORT + "count: 3}");
        JsonNode status = cluster.awaitBatchState("b", "Failed");
        assertThat(message(status))
                .contains("There is no Task for onFinished: " + REFUSED + "tasks; have that policy allow this Task");
        assertThat(status.has("onFinishedTask")).isFalse();
        assertThat(status.at("/deadLetters/created").asInt()).isEqualTo(1);
        assertThat(reports()).isEmpty();
    }

    /** A 403 may pass, so the batch waits for half a minute. */
    @Test
    @Requires(Prerequisite.CONTROLLER_MANAGER)
    @ResourceLock(ControlPlane.CONTROLLERS)
    void aQuotaThatIsFullDoesNotHoldUpTheEndAndIsToldInIt() {
        cluster.plane().startControllers("resourcequota-controller");
        cluster.batch("b", HEAD + REPORT + "delay: 20s, count: 1}");
        cluster.create(
                "{apiVersion: v1, kind: ResourceQuota, metadata: {name: few}, spec: {hard: {count/taskbatches.taskqueue.dev: '1', count/tasks.taskqueue.dev: '0'}}}");
        awaitRefusal(
                "exceeded quota: few",
                "{apiVersion: taskqueue.dev/v1beta1, kind: TaskBatch, metadata: {name: %s}, spec: {queueRef: {name: dead}, count: 1}}");
        awaitRefusal(
                "exceeded quota: few",
                "{apiVersion: taskqueue.dev/v1beta1, kind: Task, metadata: {name: %s}, spec: {queueRef: {name: dead}}}");
        JsonNode status = cluster.awaitBatchState("b", "Failed");
        assertThat(message(status))
                .contains("1 of 1 items failed: item 0 was answered 422. Items have no dead letters in TaskQueue dead:")
                .contains("look at the namespace's quota");
        assertThat(status.at("/deadLetters/message").asText()).contains("look at the namespace's quota");
        cluster.plane().stopControllers();
        assertThat(status.has("onFinishedTask")).isFalse();
        assertThat(reports()).isEmpty();
    }

    @Test
    void whatExpiresHasDeadLettersAndTheReportSaysSo() {
        cluster.patchQueue("q", "{spec: {state: Paused, retention: {unfinished: 2s}}}");
        cluster.awaitSettled("q", 2);
        cluster.batch("b", HEAD + REPORT + "count: 300}");
        JsonNode status = cluster.awaitBatchState("b", "Failed");
        assertThat(StatusConditions.conditions(status)).containsEntry("Succeeded", "False Expired");
        assertThat(status.at("/counts/failed").asInt()).isEqualTo(300);
        assertThat(status.at("/deadLetters/created").asInt()).isBetween(1, 3);
        String letters = cluster.kubectl(
                "get", "tbatch", "--field-selector=spec.queueRef.name=dead", "-o", "jsonpath={.items[*].spec.lines}");
        assertThat(letters.split("\"reason\":\"Expired\"", -1)).hasSize(301);
        cluster.patchQueue("q", "{spec: {state: Running, retention: {unfinished: 1h}}}");
        await().until(() -> reports().size() == 1);
        assertThat(reports().getFirst().path("reason").asText()).isEqualTo("Expired");
        assertThat(reports().getFirst().path("failedIndexes").asText()).isEqualTo("0-299");
    }

    @Test
    void theReportOfACancelledBatchSaysSoAndTheNextRoundHasItsOwn() {
        worker.answers(request -> 200);
        cluster.queue("reports", "{}");
        cluster.patchQueue("q", "{spec: {state: Paused}}");
        cluster.awaitSettled("q", 2);
        String report = REPORT.replace("onFinished: {", "onFinished: {queueRef: {name: reports}, ");
        cluster.batch("b", HEAD + report + "count: 3}");
        cluster.annotateBatch("b", "taskqueue.dev/cancel=wrong customers");
        cluster.awaitBatchState("b", "Failed");
        await().until(() -> reports().size() == 1);
        JsonNode first = reports().getFirst();
        assertThat(first.path("reason").asText()).isEqualTo("Cancelled");
        assertThat(first.path("skipped").asInt()).isEqualTo(3);
        cluster.patchQueue("q", "{spec: {state: Running}}");
        cluster.annotateBatch("b", "taskqueue.dev/cancel-", "taskqueue.dev/redrive=1");
        JsonNode status = cluster.awaitBatchState("b", "Succeeded");
        await().until(() -> reports().size() == 2);
        assertThat(status.path("onFinishedTask").asText()).startsWith("b-done-").endsWith("-2");
        assertThat(reports().get(1).path("round").asInt()).isEqualTo(2);
        assertThat(reports().get(1).path("state").asText()).isEqualTo("Succeeded");
    }

    @Test
    void onlyAFailedBatchRunsWhatIsWantedAfterAFailure() {
        String report = REPORT.replace("onFinished: {", "onFinished: {when: Failed, ");
        cluster.batch("bad", HEAD + report + "count: 1}");
        JsonNode bad = cluster.awaitBatchState("bad", "Failed");
        assertThat(bad.path("onFinishedTask").asText()).startsWith("bad-done-");
        worker.answers(request -> 200);
        cluster.batch("good", HEAD + report + "count: 1}");
        assertThat(cluster.awaitBatchState("good", "Succeeded").has("onFinishedTask"))
                .isFalse();
        cluster.batch("best", HEAD + report.replace("when: Failed", "when: Succeeded") + "count: 1}");
        assertThat(cluster.awaitBatchState("best", "Succeeded")
                        .path("onFinishedTask")
                        .asText())
                .startsWith("best-done-");
    }

    @Test
    void aDeletedBatchSendsNothingFurtherAndHasNoReport() {
        cluster.patchQueue("q", "{spec: {rateLimits: {maxDispatchesPerSecond: 5, maxBurstSize: 1}}}");
        cluster.awaitSettled("q", 2);
        worker.answers(request -> 200);
        cluster.batch("b", HEAD + REPORT + "count: 500}");
        await().until(() -> worker.received().size() > 2);
        cluster.kubectl("delete", "tbatch", "b");
        cluster.batch("c", HEAD + "count: 10}");
        cluster.awaitBatchState("c", "Succeeded");
        long ofB = worker.received().stream()
                .filter(request -> request.header("TaskQueue-Batch").equals("b"))
                .count();
        assertThat(ofB).isLessThan(100);
        assertThat(cluster.tasks()).isEmpty();
    }
}
