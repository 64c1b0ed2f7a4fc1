package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Tasks that kubectl apply, Git or a backup manages run once. */
class TrackedIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @Test
    void appliedTwiceItRunsOnceStaysAndBearsItsEnd() {
        start("{retention: {succeeded: 0s}}");
        apply("a", "/x");
        cluster.awaitState("a", "Succeeded");
        assertThat(apply("a", "/x")).contains("unchanged");
        // When an untracked Task is gone, the collector has also looked at the tracked ones.
        cluster.task("b", "{queueRef: {name: q}, httpRequest: {serviceRef: {name: worker}}}");
        cluster.awaitGone("b");
        JsonNode completed = completed("a");
        assertThat(completed.path("state").asText()).isEqualTo("Succeeded");
        assertThat(completed.path("specHash").asText()).startsWith("sha256:");
        assertThat(completed.path("time").asText())
                .isEqualTo(cluster.status("a").path("completionTime").asText());
        assertThat(worker.received("a")).hasSize(1);
    }

    @Test
    void deletedAndAppliedAnewItIsANewTask() {
        start("{}");
        apply("a", "/x");
        cluster.awaitState("a", "Succeeded");
        cluster.deleteTask("a");
        cluster.awaitGone("a");
        apply("a", "/x");
        cluster.awaitState("a", "Succeeded");
        assertThat(worker.received("a")).hasSize(2);
    }

    @Test
    void restoredWithoutItsStatusItTakesItsRecordedEndAndIsNotSent() {
        start("{retry: {maxAttempts: 1}}");
        worker.script(request -> RecordingWorker.Answer.of(request.task().equals("bad") ? 500 : 200));
        apply("good", "/x");
        apply("bad", "/x");
        JsonNode good = cluster.awaitState("good", "Succeeded");
        JsonNode bad = cluster.awaitState("bad", "Failed");
        restore("good");
        restore("bad");

        JsonNode restoredGood = cluster.awaitState("good", "Succeeded");
        JsonNode restoredBad = cluster.awaitState("bad", "Failed");
        assertThat(StatusConditions.conditions(restoredGood))
                .isEqualTo(Map.of(
                        "Accepted", "True Accepted",
                        "Finished", "True AlreadyCompleted",
                        "Succeeded", "True AlreadyCompleted"));
        assertThat(StatusConditions.conditions(restoredBad))
                .isEqualTo(Map.of(
                        "Accepted", "True Accepted",
                        "Finished", "True AlreadyCompleted",
                        "Succeeded", "False AlreadyCompleted",
                        "Stalled", "True AlreadyCompleted"));
        assertThat(restoredGood.path("completionTime")).isEqualTo(good.path("completionTime"));
        assertThat(restoredBad.path("completionTime")).isEqualTo(bad.path("completionTime"));
        assertThat(worker.received()).hasSize(2);
    }

    @Test
    void restoredWithAnotherSpecItIsANewTask() {
        start("{}");
        apply("a", "/x");
        cluster.awaitState("a", "Succeeded");
        restore("a", backup -> ((ObjectNode) backup.path("spec").path("httpRequest")).put("path", "/y"));
        cluster.awaitState("a", "Succeeded");
        assertThat(worker.received("a").getLast().line()).startsWith("POST /y ");
        assertThat(worker.received("a")).hasSize(2);
    }

    @Test
    void aRestoredFailureCanBeStartedAgain() {
        start("{retry: {maxAttempts: 1}}");
        worker.codes(500, 200);
        apply("a", "/x");
        cluster.awaitState("a", "Failed");
        restore("a");
        cluster.awaitReason("a", "AlreadyCompleted");
        cluster.annotateTask("a", "taskqueue.dev/redrive=1");
        cluster.awaitState("a", "Succeeded");
        assertThat(completed("a").path("state").asText()).isEqualTo("Succeeded");
        restore("a");
        cluster.awaitReason("a", "AlreadyCompleted");
        assertThat(cluster.status("a").path("state").asText()).isEqualTo("Succeeded");
        assertThat(worker.received("a")).hasSize(2);
    }

    @Test
    void aTaskThatNobodyTracksGetsNoAnnotation() {
        start("{}");
        cluster.task("a", "{queueRef: {name: q}, httpRequest: {serviceRef: {name: worker}}}");
        cluster.awaitState("a", "Succeeded");
        assertThat(cluster.get("a").path("metadata").has("annotations")).isFalse();
    }

    private void start(String queue) {
        cluster.queue("q", queue);
        cluster.operator();
    }

    private String apply(String task, String path) {
        return cluster.kubectlWithInput("""
                        apiVersion: taskqueue.dev/v1beta1
                        kind: Task
                        metadata: {name: %s}
                        spec: {queueRef: {name: q}, httpRequest: {serviceRef: {name: worker}, path: %s}}
                        """.formatted(task, path), "apply", "-f", "-");
    }

    private JsonNode completed(String task) {
        String text = cluster.get(task)
                .path("metadata")
                .path("annotations")
                .path("taskqueue.dev/completed")
                .asText();
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }

    private void restore(String task) {
        restore(task, backup -> {});
    }

    /** Restores a Task as a backup does: with its annotations, but without its status and the fields that the API server sets. */
    private void restore(String task, Consumer<ObjectNode> edit) {
        ObjectNode backup = (ObjectNode) cluster.get(task);
        backup.remove("status");
        ((ObjectNode) backup.path("metadata")).retain("name", "namespace", "annotations", "labels");
        edit.accept(backup);
        cluster.deleteTask(task);
        cluster.awaitGone(task);
        cluster.plane().kubectlWithInput(backup.toString(), "create", "-f", "-");
    }
}
