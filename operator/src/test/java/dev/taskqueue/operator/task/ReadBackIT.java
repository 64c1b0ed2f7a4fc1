package dev.taskqueue.operator.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.batch.BatchObject;
import dev.taskqueue.operator.batch.BatchOutlook;
import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.batch.BatchStatusWriter;
import dev.taskqueue.operator.batch.ItemList;
import dev.taskqueue.operator.batch.ItemListReader;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.reconcile.QueueRules;
import dev.taskqueue.operator.task.SpecFields.Field;
import dev.taskqueue.operator.testing.ControlPlane;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests every time, duration, quantity and number in the spec of each kind with odd values. Either the API server refuses the value with a sentence
 * of ours, or the operator reads it and can write the status of the object. The fields come from the CRDs, so later fields are tested as well.
 */
class ReadBackIT {
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");
    /** How far ahead an item may be due. */
    private static final Duration LONGEST = Duration.ofDays(10_000 * 366);

    private static ControlPlane plane;
    private static String namespace;

    @BeforeAll
    static void start() {
        plane = ControlPlane.shared();
        namespace = plane.newNamespace();
    }

    static Stream<Arguments> fields() throws IOException {
        List<Field> fields = new ArrayList<>();
        for (String kind : List.of("Task", "TaskQueue", "TaskBatch")) {
            String plural = kind.toLowerCase(java.util.Locale.ROOT) + (kind.endsWith("h") ? "es" : "s");
            String file = "crds/" + plural + ".taskqueue.dev.yaml";
            JsonNode crd = new YAMLMapper()
                    .readTree(Files.readString(ControlPlane.repository().resolve(file)));
            fields.addAll(SpecFields.of(kind, crd.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec")));
        }
        return fields.stream().map(field -> argumentSet(field.kind() + " " + field.path(), field));
    }

    @ParameterizedTest
    @MethodSource("fields")
    void anOddValueIsRefusedWithASentenceOrReadAndWrittenBack(Field field) throws IOException {
        int taken = 0;
        for (Object value : OddValues.of(field.form())) {
            Optional<ObjectNode> created = create(field, value);
            if (created.isPresent()) {
                taken++;
                assertReadable(field, value, created.get());
            }
        }
        assertThat(taken).as("values that are taken").isPositive();
    }

    /** Creates an object with the value; empty if the API server refuses it. */
    private static Optional<ObjectNode> create(Field field, Object value) {
        var object = new io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder()
                .withApiVersion("taskqueue.dev/v1beta1")
                .withKind(field.kind())
                .withNewMetadata()
                .withGenerateName("a-")
                .endMetadata()
                .withAdditionalProperties(Map.of("spec", field.spec(value)))
                .build();
        try {
            var created = plane.client()
                    .genericKubernetesResources("taskqueue.dev/v1beta1", field.kind())
                    .inNamespace(namespace)
                    .resource(object)
                    .create();
            return Optional.of(TaskJson.MAPPER.convertValue(created, ObjectNode.class));
        } catch (KubernetesClientException refused) {
            assertThat(refused.getCode())
                    .as("%s: %s", value, refused.getMessage())
                    .isIn(400, 422);
            String message = Objects.requireNonNullElse(refused.getMessage(), "");
            if (value instanceof String && !message.contains("Too long")) {
                assertThat(message)
                        .as("the refusal of %s", value)
                        .containsAnyOf(field.sentences().toArray(String[]::new))
                        .doesNotContain("evaluating rule");
            }
            return Optional.empty();
        }
    }

    private static void assertReadable(Field field, Object value, ObjectNode created) throws IOException {
        switch (field.kind()) {
            case "Task" -> assertTaskReadable(field, value, created);
            case "TaskBatch" -> assertBatchReadable(field, value, created);
            default -> assertQueueReadable(field, value, created);
        }
    }

    private static void assertTaskReadable(Field field, Object value, ObjectNode created) {
        TaskObject task = TaskReader.read(created);
        assertThat(task.problem()).as("%s is read", value).isNull();
        var spec = Objects.requireNonNull(task.spec());
        assertThat(SpecRules.problem(spec)).as("%s is in order", value).isEmpty();
        assertThatCode(() -> DueTime.of(task, spec, NOW, Duration.ZERO)).doesNotThrowAnyException();
        if (field.form() == SpecFields.Form.TIME) {
            Instant read = Times.read((String) value).orElseThrow();
            assertThat(Times.read(Times.format(read)))
                    .as("%s is written back", value)
                    .isPresent();
        }
        AttemptHistory progress = AttemptHistory.NONE.plus(NOW, NOW, NOW, Outcome.Answered.of(200));
        var end = new Entry.Finished(progress, new Ending(Ending.Reason.Delivered, "Delivered."), NOW);
        StatusPatch patch =
                StatusPatch.of(end, StatusReader.writtenStatus(task.status()), task.resourceVersion(), NOW, null);
        writeStatus(field, value, task.id().name(), patch.body());
    }

    private static void assertBatchReadable(Field field, Object value, ObjectNode created) {
        BatchObject batch = BatchReader.read(created);
        assertThat(batch.problem()).as("%s is in order", value).isNull();
        assertThat(ItemListReader.read(batch, created.path("spec"), LONGEST))
                .as("the items with %s", value)
                .isInstanceOfSatisfying(ItemList.Result.Read.class, read -> {
                    Instant due = batch.dueAt(NOW);
                    assertThatCode(() -> read.items().dueAt(0, NOW, due)).doesNotThrowAnyException();
                });
        assertThatCode(batch::expireAt).doesNotThrowAnyException();
        assertThat(batch.ttl() == null).isEqualTo(!created.path("spec").has("ttlAfterFinished"));
        ObjectNode status = BatchStatusWriter.status(new BatchProgress(1), BatchOutlook.at(NOW));
        writeStatus(field, value, batch.id().name(), "{\"status\": " + status + "}");
    }

    private static void assertQueueReadable(Field field, Object value, ObjectNode created) throws IOException {
        TaskQueueSpec spec = TaskJson.MAPPER.treeToValue(created.get("spec"), TaskQueueSpec.class);
        String name = created.at("/metadata/name").asText();
        assertThat(QueueRules.judge(new QueueId(namespace, name), spec, false, _ -> false))
                .as("%s is in order", value)
                .isInstanceOf(QueueRules.Judgement.Valid.class);
        QueueProfile profile = QueueProfile.read(spec, false);
        assertThat(profile.settings().rate().perSecond()).isBetween(0.001, 10_000.0);
        assertThat(profile.settings().rate().burst()).isPositive();
        writeStatus(field, value, name, "{\"status\": {\"state\": \"Running\"}}");
    }

    private static void writeStatus(Field field, Object value, String name, String patch) {
        assertThatCode(() -> plane.client()
                        .genericKubernetesResources("taskqueue.dev/v1beta1", field.kind())
                        .inNamespace(namespace)
                        .withName(name)
                        .subresource("status")
                        .patch(
                                io.fabric8.kubernetes.client.dsl.base.PatchContext.of(
                                        io.fabric8.kubernetes.client.dsl.base.PatchType.JSON_MERGE),
                                patch))
                .as("the status of an object with %s %s", field.path(), value)
                .doesNotThrowAnyException();
    }
}
