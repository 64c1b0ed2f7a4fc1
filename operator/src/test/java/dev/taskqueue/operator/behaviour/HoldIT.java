package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Pausing and holding a queue: the effect on Tasks, who sees it, and which kinds of deploy do not end a hold. */
class HoldIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void start() {
        cluster.queue("other", "{}");
        cluster.operator();
    }

    @Test
    void aPausedQueuesRetriesWaitAndNewTasksAreAccepted() {
        cluster.queue("orders", "{retry: {minBackoff: 1s, maxBackoff: 1s}}");
        worker.script(request ->
                Answer.of(request.header("X-CloudTasks-TaskRetryCount").equals("0") ? 500 : 200));
        cluster.task("retry", task("orders"));
        JsonNode failed = cluster.awaitState("retry", "BackingOff");
        cluster.patchQueue("orders", "{spec: {state: Paused}}");
        JsonNode status = cluster.awaitQueueState("orders", "Paused");
        assertThat(status.path("reason").asText()).isEqualTo("SpecPaused");
        int before = worker.received().size();
        cluster.task("fresh", task("orders"));
        cluster.awaitState("fresh", "Queued");
        // A Task that is due later than the retry passes it.
        Instant later = Instant.parse(failed.path("nextAttemptTime").asText()).plusSeconds(1);
        cluster.task("later", task("other").replace("{queueRef", "{scheduleTime: '%s', queueRef".formatted(later)));
        cluster.await("later", now -> !worker.received("later").isEmpty(), "sent");
        assertThat(worker.tasks().subList(before, worker.tasks().size())).containsOnly("later");
        cluster.patchQueue("orders", "{spec: {state: Running}}");
        assertThat(cluster.awaitState("retry", "Succeeded")
                        .path("dispatchCount")
                        .asInt())
                .isEqualTo(2);
        await().until(() -> !worker.received("fresh").isEmpty());
    }

    @Test
    void whoHoldsAQueueAndWhyIsSeenAtFirstSight() {
        cluster.queue("orders", "{}");
        String until = Instant.now()
                .plus(1, ChronoUnit.HOURS)
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
        Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        cluster.annotateQueue(
                "orders", "taskqueue.dev/hold=Anna: moving the database", "taskqueue.dev/hold-until=" + until);
        JsonNode status = cluster.awaitQueueState("orders", "Held");
        String words = "Held: Anna: moving the database, until " + until;
        JsonNode paused = condition(status, "Paused");
        assertThat(paused.path("status").asText()).isEqualTo("True");
        assertThat(paused.path("message").asText()).isEqualTo(words + ".");
        assertThat(Instant.parse(paused.path("lastTransitionTime").asText())).isBetween(before, Instant.now());
        assertThat(cluster.kubectl("get", "tq", "orders")).contains("True", "Held");
        assertThat(cluster.kubectl("get", "tq", "orders", "-o", "wide").stripTrailing())
                .endsWith(words);
        assertThat(cluster.kubectl("describe", "tq", "orders"))
                .contains("taskqueue.dev/hold: Anna: moving the database", words + ".");
        cluster.task("a", task("orders"));
        assertThat(StatusConditions.message(cluster.awaitReason("a", "QueueHeld")))
                .endsWith("Z the queue was held: Anna: moving the database, until " + until + ".");
    }

    @Test
    void aTimeThatCannotBeReadKeepsHoldingAndSaysSo() {
        cluster.queue("orders", "{}");
        cluster.annotateQueue("orders", "taskqueue.dev/hold=deploy", "taskqueue.dev/hold-until=tomorrow");
        assertThat(condition(cluster.awaitQueueState("orders", "Held"), "Paused")
                        .path("message")
                        .asText())
                .contains("taskqueue.dev/hold-until is no RFC 3339 time");
        cluster.task("a", task("orders"));
        cluster.task("passes", task("other"));
        cluster.awaitState("passes", "Succeeded");
        cluster.awaitState("a", "Queued");
        assertThat(worker.tasks()).containsExactly("passes");
        cluster.annotateQueue("orders", "taskqueue.dev/hold-until=2020-01-01T00:00:00Z");
        cluster.awaitState("a", "Succeeded");
        assertThat(cluster.awaitQueueState("orders", "Running").path("reason").asText())
                .isEqualTo("Ready");
    }

    @Test
    void aTimeInAnotherAgeHoldsToo() {
        cluster.queue("orders", "{}");
        cluster.annotateQueue(
                "orders", "taskqueue.dev/hold=deploy", "taskqueue.dev/hold-until=+999999999-01-01T00:00:00Z");
        // A status cannot contain such a year, so the value counts as unreadable.
        assertThat(condition(cluster.awaitQueueState("orders", "Held"), "Paused")
                        .path("message")
                        .asText())
                .contains("taskqueue.dev/hold-until is no RFC 3339 time");
    }

    @Test
    void aTimeAloneHoldsNothing() {
        cluster.queue("orders", "{}");
        cluster.annotateQueue("orders", "taskqueue.dev/hold-until=2999-01-01T00:00:00Z");
        cluster.task("a", task("orders"));
        cluster.awaitState("a", "Succeeded");
        assertThat(cluster.queueStatus("orders").path("state").asText()).isEqualTo("Running");
    }

    /** Deploys a new version of the manifest, which does not mention a hold, with each of the usual tools. */
    enum Deploy {
        APPLY {
            @Override
            void run(HoldIT it, int rate) {
                it.cluster.kubectlWithInput(manifest(rate), "apply", "-f", "-");
            }
        },
        /** Deploys as Argo CD with server-side apply, Helm 4 and others do. */
        SERVER_SIDE_APPLY {
            @Override
            void run(HoldIT it, int rate) {
                it.cluster.kubectlWithInput(
                        manifest(rate),
                        "apply",
                        "--server-side",
                        "--force-conflicts",
                        "--field-manager=argocd-controller",
                        "-f",
                        "-");
            }
        },
        /** Deploys as Helm 3 does with custom resources: a merge patch of the difference between the old manifest and the new one. */
        PATCH_OF_THE_DIFFERENCE {
            @Override
            void run(HoldIT it, int rate) {
                if (it.cluster.queueStatus("orders").isMissingNode()) {
                    it.cluster.kubectlWithInput(manifest(rate), "create", "-f", "-");
                } else {
                    it.cluster.patchQueue(
                            "orders", "{spec: {rateLimits: {maxDispatchesPerSecond: %d}}}".formatted(rate));
                }
            }
        },
        /** Deploys as Flux does. It takes over fields of managers whose names begin with kubectl, and removes those fields that are not in Git. */
        TAKE_OVER_AND_APPLY {
            @Override
            void run(HoldIT it, int rate) {
                it.takeOver();
                it.cluster.kubectlWithInput(
                        manifest(rate),
                        "apply",
                        "--server-side",
                        "--force-conflicts",
                        "--field-manager=kustomize-controller",
                        "-f",
                        "-");
            }
        },
        REPLACE {
            @Override
            void run(HoldIT it, int rate) {
                String verb = it.cluster.queueStatus("orders").isMissingNode() ? "create" : "replace";
                it.cluster.kubectlWithInput(manifest(rate), verb, "-f", "-");
            }
        };

        abstract void run(HoldIT it, int rate);

        static String manifest(int rate) {
            return "{apiVersion: taskqueue.dev/v1beta1, kind: TaskQueue, metadata: {name: orders}, spec: {rateLimits: {maxDispatchesPerSecond: %d}}}"
                    .formatted(rate);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Deploy.class, mode = Mode.EXCLUDE, names = "REPLACE")
    void aDeployLeavesAHoldAlone(Deploy deploy) {
        deploy.run(this, 5);
        // The hold is set under its own manager name: Flux removes fields that kubectl owns by its usual names.
        cluster.kubectl("annotate", "tq", "orders", "taskqueue.dev/hold=deploy", "--field-manager=hold");
        cluster.awaitQueueState("orders", "Held");
        deploy.run(this, 6);
        deploy.run(this, 7);
        assertThat(awaitRate("7").path("state").asText()).isEqualTo("Held");
    }

    @ParameterizedTest
    @EnumSource(
            value = Deploy.class,
            names = {"REPLACE", "TAKE_OVER_AND_APPLY"})
    void whatMakesTheObjectAsTheManifestSaysEndsAHold(Deploy deploy) {
        deploy.run(this, 5);
        cluster.annotateQueue("orders", "taskqueue.dev/hold=deploy");
        cluster.awaitQueueState("orders", "Held");
        deploy.run(this, 6);
        cluster.awaitQueueState("orders", "Running");
    }

    private void takeOver() {
        JsonNode queue = object();
        if (queue.isMissingNode()) {
            return;
        }
        ArrayNode fields = (ArrayNode) queue.at("/metadata/managedFields");
        for (JsonNode entry : fields) {
            if (entry.path("manager").asText().startsWith("kubectl")
                    && entry.path("operation").asText().equals("Update")
                    && !entry.has("subresource")) {
                ((ObjectNode) entry).put("manager", "kustomize-controller").put("operation", "Apply");
            }
        }
        JsonNode patch = JSON.createArrayNode()
                .add(JSON.createObjectNode()
                        .put("op", "replace")
                        .put("path", "/metadata/managedFields")
                        .set("value", fields));
        cluster.kubectl("patch", "tq", "orders", "--type=json", "-p", patch.toString());
    }

    private JsonNode object() {
        String found =
                cluster.kubectl("get", "tq", "orders", "-o", "json", "--show-managed-fields", "--ignore-not-found");
        try {
            return JSON.readTree(found);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode awaitRate(String rate) {
        return cluster.awaitQueue(
                "orders",
                status -> status.path("observedGeneration").asInt() == 3
                        && object().at("/spec/rateLimits/maxDispatchesPerSecond")
                                .asText()
                                .equals(rate));
    }

    private static JsonNode condition(JsonNode status, String type) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition;
            }
        }
        throw new AssertionError("no condition " + type + " among " + StatusConditions.conditions(status));
    }

    private static String task(String queue) {
        return "{queueRef: {name: " + queue + "}, httpRequest: {serviceRef: {name: worker}}}";
    }
}
