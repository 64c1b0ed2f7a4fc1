package dev.taskqueue.operator.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.TestingTasks;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.util.BitSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Shows that a real API server takes everything that is written for a batch, and keeps all of it. */
class BatchWritesIT {
    private static ControlPlane plane;
    private static String namespace;

    @BeforeAll
    static void start() {
        plane = ControlPlane.shared();
        namespace = plane.newNamespace();
    }

    private static JsonNode create(String kind, JsonNode object) throws IOException {
        ((ObjectNode) object.path("metadata")).put("namespace", namespace);
        GenericKubernetesResource created = plane.client()
                .genericKubernetesResources("taskqueue.dev/v1beta1", kind)
                .inNamespace(namespace)
                .load(new java.io.ByteArrayInputStream(TaskJson.MAPPER.writeValueAsBytes(object)))
                .create();
        return TaskJson.MAPPER.valueToTree(created);
    }

    private static JsonNode batch(String name, String spec) throws IOException {
        return create("TaskBatch", TestingTasks.json("""
                {apiVersion: 'taskqueue.dev/v1beta1', kind: 'TaskBatch', metadata: {name: '%s'}, spec: %s}
                """.formatted(name, spec)));
    }

    private static JsonNode commit(BatchId batch, long revision, ObjectNode status) {
        return TaskJson.MAPPER.valueToTree(plane.client()
                .genericKubernetesResources("taskqueue.dev/v1beta1", "TaskBatch")
                .inNamespace(namespace)
                .withName(batch.name())
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON), BatchPatch.of(batch, revision, status)));
    }

    @Test
    void everyStatusIsKeptAsItIsWritten() throws IOException {
        JsonNode created = batch("any", "{queueRef: {name: 'a'}, count: 1000}");
        BatchId id = BatchReader.id(created);
        long revision = 0;
        for (long seed = 0; seed < 40; seed++) {
            BatchProgress progress = RandomProgress.of(seed, 1000, 100 * (int) seed);
            progress.committed(revision);
            ObjectNode status = BatchStatusWriter.status(progress, BatchOutlook.at(RandomProgress.START));
            JsonNode kept = commit(id, revision, status).path("status");
            assertThat(kept).as("seed %d", seed).isEqualTo(TaskJson.MAPPER.readTree(status.toString()));
            revision++;
        }
        BatchProgress other = RandomProgress.of(1, 1000, 10);
        ObjectNode status = BatchStatusWriter.status(other, BatchOutlook.at(RandomProgress.START));
        long last = revision;
        assertThatThrownBy(() -> commit(id, last - 1, status))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        refused -> assertThat(refused.getCode()).isEqualTo(422));
        assertThatThrownBy(() -> commit(new BatchId(id.namespace(), id.name(), "uid-1"), last, status))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        refused -> assertThat(refused.getCode()).isEqualTo(422));
    }

    @Test
    void theDeadLettersAndTheReportAreTaken() throws IOException {
        JsonNode created = batch("orders", """
                {queueRef: {name: 'a'}, template: {httpRequest: {serviceRef: {name: 'b'}, headers: {A: 'b'}}},
                 lines: '{"key": "k", "path": "/a", "headers": {"B": "c"}, "body": {"a": [1.50]}}\\n{"body": "text"}',
                 onFinished: {httpRequest: {path: '/done'}}}""");
        BatchObject batch = BatchReader.read(created);
        ItemList items = TestingBatches.items(created);
        var progress = new BatchProgress(2);
        for (int i = 0; i < 2; i++) {
            AttemptHistory history = AttemptHistory.NONE.plus(
                    RandomProgress.START, RandomProgress.START, RandomProgress.START, RandomProgress.outcome(422));
            progress.note(
                    i,
                    items.key(i),
                    new Entry.Finished(history, new Ending(Ending.Reason.NonRetryable, "No."), RandomProgress.START));
        }
        BitSet failed = progress.failed();
        var draft = BatchDeadLetterDraft.of(
                batch, items, progress, null, new BatchDeadLetterDraft.Goal("graveyard", failed));
        JsonNode letters = create("TaskBatch", TaskJson.MAPPER.readTree(draft.json()));
        assertThat(letters.path("spec"))
                .isEqualTo(TaskJson.MAPPER.readTree(draft.json()).path("spec"));
        assertThat(TestingBatches.problem(letters)).isEmpty();
        assertThat(BatchDeadLetterDraft.indexesIn(letters, batch.id())).isEqualTo(failed);
        String report = OnFinishedDraft.json(batch, progress, RandomProgress.START);
        JsonNode task = create("Task", TaskJson.MAPPER.readTree(report));
        assertThat(task.path("spec")).isEqualTo(TaskJson.MAPPER.readTree(report).path("spec"));
        assertThat(TaskReader.read(task).problem()).isNull();
    }
}
