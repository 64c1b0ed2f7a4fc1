package dev.taskqueue.operator.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.api.BatchState;
import dev.taskqueue.operator.api.BatchTemplate;
import dev.taskqueue.operator.api.OnFinished;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.task.ActionValue;
import dev.taskqueue.operator.task.CompletedAnnotation;
import dev.taskqueue.operator.task.InheritedLabels;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.task.Times;
import dev.taskqueue.operator.task.TrackingMarks;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a TaskBatch from JSON, without its items: {@link ItemListReader} reads those, and {@link BatchStatusReader} reads what has become of them.
 */
public final class BatchReader {
    private final JsonNode object;
    private final JsonNode spec;
    private @Nullable String problem;

    private BatchReader(JsonNode object) {
        this.object = object;
        this.spec = object.path("spec");
    }

    /** Reads an object of the API server. Its spec may be in error; its metadata never is. */
    public static BatchObject read(JsonNode object) {
        return new BatchReader(object).batch();
    }

    /** Reads the names of a batch. */
    public static BatchId id(JsonNode object) {
        TaskId names = TaskReader.id(object);
        return new BatchId(names.namespace(), names.name(), names.uid());
    }

    /** The batch with what the metadata of this version of it says. Its status and its version stay as they were known. */
    public static BatchObject withMetadata(BatchObject known, JsonNode object) {
        JsonNode metadata = object.path("metadata");
        JsonNode annotations = metadata.path("annotations");
        return new BatchObject(
                known.id(),
                known.queue(),
                known.resourceVersion(),
                known.createdAt(),
                metadata.hasNonNull("deletionTimestamp"),
                TrackingMarks.areOn(metadata),
                InheritedLabels.of(object),
                actions(annotations),
                CompletedAnnotation.of(annotations, object.path("spec")),
                known.spec(),
                known.problem(),
                known.told(),
                known.storedBytes());
    }

    private BatchObject batch() {
        JsonNode metadata = object.path("metadata");
        JsonNode annotations = metadata.path("annotations");
        BatchId id = id(object);
        int storedBytes = StoredSize.of(object);
        BatchSpec read = spec();
        if (problem == null) {
            problem = BatchSpecRules.problem(spec, read, storedBytes).orElse(null);
        }
        return new BatchObject(
                id,
                new QueueId(id.namespace(), spec.path("queueRef").path("name").asText("")),
                TaskReader.resourceVersion(object),
                Times.read(metadata.path("creationTimestamp").textValue())
                        .orElseThrow(() -> new IllegalArgumentException("the object has no creation time")),
                metadata.hasNonNull("deletionTimestamp"),
                TrackingMarks.areOn(metadata),
                InheritedLabels.of(object),
                actions(annotations),
                CompletedAnnotation.of(annotations, spec),
                read,
                problem,
                told(object.path("status")),
                storedBytes);
    }

    private BatchSpec spec() {
        BatchTemplate template = part("template", BatchTemplate.class);
        OnFinished onFinished = part("onFinished", OnFinished.class);
        return new BatchSpec(
                template == null ? null : template.httpRequest(),
                template == null ? null : template.dispatchDeadline(),
                spec.path("scheduleTime").textValue(),
                spec.path("delay").textValue(),
                spec.path("expireTime").textValue(),
                spec.path("ttlAfterFinished").textValue(),
                spec.hasNonNull("maxFailed") ? (Integer) spec.path("maxFailed").asInt() : null,
                onFinished);
    }

    private <T> @Nullable T part(String name, Class<T> type) {
        if (!spec.hasNonNull(name)) {
            return null;
        }
        try {
            return TaskJson.MAPPER.treeToValue(spec.path(name), type);
        } catch (JsonProcessingException unreadable) {
            String at = "spec." + name;
            problem = at + " cannot be read: " + BatchSpecRules.renamed(at, unreadable.getOriginalMessage());
            return null;
        }
    }

    private static BatchObject.Actions actions(JsonNode annotations) {
        return new BatchObject.Actions(
                ActionValue.of(annotations.path(Annotations.RUN_NOW).textValue()),
                ActionValue.of(annotations.path(Annotations.REDRIVE).textValue()),
                shown(annotations.path(Annotations.HOLD)),
                shown(annotations.path(Annotations.CANCEL)));
    }

    private static @Nullable String shown(JsonNode annotation) {
        return Optional.ofNullable(annotation.textValue()).map(MessageText::cut).orElse(null);
    }

    private static BatchObject.Told told(JsonNode status) {
        BatchState state = BatchState.Pending;
        for (BatchState known : BatchState.values()) {
            if (known.name().equals(status.path("state").textValue())) {
                state = known;
            }
        }
        return new BatchObject.Told(
                state,
                Math.max(0, status.path("revision").asLong()),
                Times.read(status.path("completionTime").textValue()).orElse(null));
    }
}
