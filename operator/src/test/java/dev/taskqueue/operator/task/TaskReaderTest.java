package dev.taskqueue.operator.task;

import static dev.taskqueue.operator.testing.TestingTasks.json;
import static dev.taskqueue.operator.testing.TestingTasks.task;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaskReaderTest {
    private static final String SPEC = "{queueRef: {name: 'orders'}, httpRequest: {path: '/x'}}";

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"kind": "TaskList", "items": [{"a": 1}, {"a": [2, {}]}], "metadata": {"resourceVersion": "7"}} | [{"a":1}, {"a":[2,{}]}] | 7
            {"metadata": {"resourceVersion": "7", "x": {}}, "items": [], "more": {"items": [1]}} | [] | 7
            {"items": null, "metadata": {"resourceVersion": "8"}} | [] | 8
            {} | [] | ``
            """)
    void aListIsReadObjectByObject(String list, String items, String version) throws IOException {
        var seen = new ArrayList<JsonNode>();
        JsonNode metadata = TaskReader.list(new ByteArrayInputStream(list.getBytes(UTF_8)), seen::add);
        assertThat(seen).hasToString(items);
        assertThat(metadata.path("resourceVersion").asText()).isEqualTo(version);
    }

    @ParameterizedTest
    @ValueSource(strings = {"deep", "long name"})
    void aBodyThatOtherProgramsCouldNotReadStopsNoOtherTask(String what) throws IOException {
        String json =
                what.equals("deep") ? "[".repeat(9_900) + "]".repeat(9_900) : "{\"" + "k".repeat(200_000) + "\": 1}";
        String bad = task("bad", 1, "", "{queueRef: {name: 'orders'}}")
                .toString()
                .replace("\"queueRef\"", "\"httpRequest\": {\"json\": " + json + "}, \"queueRef\"");
        String list = "{\"items\": [" + bad + ", " + task("good", 2, "", SPEC) + "]}";
        var read = new ArrayList<TaskObject>();
        TaskReader.list(new ByteArrayInputStream(list.getBytes(UTF_8)), item -> read.add(TaskReader.read(item)));
        assertThat(read).extracting(task -> task.id().name()).containsExactly("bad", "good");
        assertThat(read.getFirst().problem())
                .isEqualTo(
                        what.equals("deep")
                                ? "spec cannot be read: spec.httpRequest.json is nested more than 500 levels deep; send it as text in spec.httpRequest.body"
                                : null);
    }

    @Test
    void aListThatBreaksOffIsAnErrorAfterWhatCame() {
        var seen = new ArrayList<JsonNode>();
        var half = new ByteArrayInputStream("{\"items\": [{\"a\": 1}, {\"a\"".getBytes(UTF_8));
        assertThatIOException().isThrownBy(() -> TaskReader.list(half, seen::add));
        assertThat(seen).hasToString("[{\"a\":1}]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{state: 'Pending'}",
                "{state: 'Pending', conditions: [{type: 'Succeeded', status: 'Unknown', reason: 'Pending', message: 'm', lastTransitionTime: '1970-01-01T00:00:00Z'}]}"
            })
    void theDefaultStatusIsSharedByAllTasksAndCountsAsNotWritten(String status) {
        TaskObject a = withStatus("a", status);
        TaskObject b = withStatus("b", status);
        assertThat(a.status()).isSameAs(b.status());
        assertThat(a.status().state()).isEqualTo(TaskState.Pending);
        assertThat(StatusReader.writtenStatus(a.status())).isEqualTo(WrittenStatus.NOTHING);
    }

    @Test
    void aPendingTaskWhoseAnnotationWasHandledIsReadInFull() {
        assertThat(withStatus("a", "{state: 'Pending', lastHandledRunNow: '1'}")
                        .status()
                        .lastHandledRunNow())
                .isEqualTo("1");
    }

    private static TaskObject withStatus(String name, String status) {
        ObjectNode task = (ObjectNode) task(name, 1, "", SPEC);
        task.set("status", json(status));
        return TaskReader.read(task);
    }

    @Test
    void readsWhatATaskSays() {
        TaskObject task = TaskReader.read(task("a", 17, "annotations: {'taskqueue.dev/key': 'k1'}", SPEC));
        assertThat(task.id()).isEqualTo(new TaskId("shop", "a", "uid-a"));
        assertThat(task.queue()).isEqualTo(new QueueId("shop", "orders"));
        assertThat(task.resourceVersion()).isEqualTo(17);
        assertThat(task.createdAt()).isEqualTo(Instant.parse("2026-11-21T09:00:00Z"));
        assertThat(task.deleting()).isFalse();
        assertThat(task.tracked()).isFalse();
        assertThat(task.requestedActions().key()).isEqualTo("k1");
        assertThat(task.problem()).isNull();
        assertThat(Objects.requireNonNull(Objects.requireNonNull(task.spec()).httpRequest())
                        .path())
                .isEqualTo("/x");
        assertThat(StatusReader.attemptHistory(task.status())).isEqualTo(AttemptHistory.NONE);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Argo CD | annotations: {'argocd.argoproj.io/tracking-id': 'app:taskqueue.dev/Task:shop/a'} | true
            Helm | annotations: {'meta.helm.sh/release-name': 'shop'} | true
            kubectl apply | annotations: {'kubectl.kubernetes.io/last-applied-configuration': '{}'} | true
            Flux, Kustomization | labels: {'kustomize.toolkit.fluxcd.io/name': 'shop'} | true
            Flux, HelmRelease | labels: {'helm.toolkit.fluxcd.io/name': 'shop'} | true
            server-side apply | managedFields: [{manager: 'kubectl', operation: 'Apply'}] | true
            apply of a second manager | managedFields: [{manager: 'curl', operation: 'Update'}, {manager: 'x', operation: 'Apply'}] | true
            our own apply | managedFields: [{manager: 'taskqueue-operator', operation: 'Apply'}] | false
            create | managedFields: [{manager: 'kubectl-create', operation: 'Update'}] | false
            somebody's label | labels: {'app.kubernetes.io/name': 'shop', 'toolkit.fluxcd.io/names': 'x'} | false
            somebody's annotation | annotations: {'argocd.argoproj.io/sync-wave': '1'} | false
            """)
    void aTaskThatSomebodyWouldCreateAgainIsTracked(String who, String metadata, boolean tracked) {
        assertThat(TaskReader.read(task("a", 1, metadata, SPEC)).tracked())
                .as(who)
                .isEqualTo(tracked);
    }

    @Test
    void aTaskWithADeletionTimeIsBeingDeleted() {
        String metadata = "deletionTimestamp: '2026-11-21T09:00:05Z', finalizers: ['example.org/x']";
        assertThat(TaskReader.read(task("a", 1, metadata, SPEC)).deleting()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{queueRef: {name: 'orders'}, httpRequest: {method: 'BREW'}}",
                "{queueRef: {name: 'orders'}, httpRequest: []}",
                "{queueRef: {name: 'orders'}, delay: {}}",
            })
    void aSpecThatCannotBeReadIsAProblemOfThatTaskAlone(String spec) {
        TaskObject task = TaskReader.read(task("a", 1, "", spec));
        assertThat(task.spec()).isNull();
        assertThat(task.problem()).startsWith("spec cannot be read: ");
        assertThat(task.queue()).isEqualTo(new QueueId("shop", "orders"));
    }

    @Test
    void aMissingSpecIsAProblem() {
        assertThat(TaskReader.read(without("spec")).problem()).isEqualTo("spec is missing");
        assertThat(TaskReader.read(task("a", 1, "", "null")).problem()).isEqualTo("spec is missing");
    }

    @Test
    void whatANewerCrdKnowsIsPassedOver() {
        TaskObject task =
                TaskReader.read(task("a", 1, "", "{queueRef: {name: 'orders', x: 1}, httpRequest: {}, new: {}}"));
        assertThat(task.problem()).isNull();
        assertThat(task.spec()).isNotNull();
    }

    @Test
    void aStatusThatCannotBeReadCountsAsNone() {
        ObjectNode task = (ObjectNode) task("a", 1);
        task.set("status", json("{state: 'Levitating', dispatchCount: 3}"));
        assertThat(TaskReader.read(task).status().state()).isNull();
        task.set("status", json("{state: 'Failed', dispatchCount: 3}"));
        assertThat(TaskReader.read(task).status().state()).isEqualTo(TaskState.Failed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"namespace", "name", "uid", "resourceVersion", "creationTimestamp"})
    void anObjectWithoutItsMetadataIsRefusedByName(String field) {
        ObjectNode task = (ObjectNode) task("a", 1);
        ((ObjectNode) task.get("metadata")).remove(field);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TaskReader.read(task))
                .withMessage("the object has no metadata." + field);
    }

    private static JsonNode without(String field) {
        ObjectNode task = (ObjectNode) task("a", 1);
        task.remove(field);
        return task;
    }
}
