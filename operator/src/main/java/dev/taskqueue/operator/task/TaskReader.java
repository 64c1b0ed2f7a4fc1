package dev.taskqueue.operator.task;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.api.TaskStatus;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads Tasks from JSON one by one, so that a Task that cannot be read does not affect the others. */
public final class TaskReader {
    private static final TaskStatus NO_STATUS =
            TaskJson.MAPPER.convertValue(TaskJson.MAPPER.createObjectNode(), TaskStatus.class);
    /** The status of the CRD's default, without its condition: all Tasks that no operator has reported on share it. */
    private static final TaskStatus UNREPORTED = TaskJson.MAPPER.convertValue(
            TaskJson.MAPPER.createObjectNode().put("state", TaskState.Pending.name()), TaskStatus.class);
    /** A value that is safe in a header, and a valid name for Cloud Tasks. */
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]{1,500}");

    private TaskReader() {}

    /** Reads a list and hands over its items one by one. Returns the metadata of the list. */
    public static JsonNode list(InputStream json, Consumer<JsonNode> each) throws IOException {
        JsonNode metadata = MissingNode.getInstance();
        try (JsonParser parser = TaskJson.MAPPER.createParser(json)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                if (field.equals("metadata")) {
                    metadata = parser.readValueAsTree();
                } else if (field.equals("items") && parser.isExpectedStartArrayToken()) {
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        each.accept(parser.readValueAsTree());
                    }
                } else {
                    parser.skipChildren();
                }
            }
        }
        return metadata;
    }

    /** Reads the names of a Task. All Tasks of a namespace share one string for it. */
    public static TaskId id(JsonNode task) {
        JsonNode metadata = task.path("metadata");
        return new TaskId(text(metadata, "namespace").intern(), text(metadata, "name"), text(metadata, "uid"));
    }

    /** Resource versions are decimal numbers that grow: always with etcd, and by the API conventions since Kubernetes 1.35. */
    public static long resourceVersion(JsonNode task) {
        return Long.parseLong(text(task.path("metadata"), "resourceVersion"));
    }

    public static TaskObject read(JsonNode task) {
        TaskId id = id(task);
        JsonNode metadata = task.path("metadata");
        @Nullable TaskSpec spec = null;
        @Nullable String problem = null;
        try {
            spec = TaskJson.MAPPER.treeToValue(task.path("spec"), TaskSpec.class);
        } catch (JsonProcessingException unreadable) {
            problem = "spec cannot be read: " + unreadable.getOriginalMessage();
        }
        if (spec == null && problem == null) {
            problem = "spec is missing";
        }
        return new TaskObject(
                id,
                new QueueId(
                        id.namespace(),
                        task.path("spec").path("queueRef").path("name").asText("")),
                resourceVersion(task),
                Times.read(text(metadata, "creationTimestamp"))
                        .orElseThrow(() -> new IllegalArgumentException("the object has no creation time")),
                metadata.hasNonNull("deletionTimestamp"),
                TrackingMarks.areOn(metadata),
                requestedActions(metadata.path("annotations")),
                CompletedAnnotation.of(metadata.path("annotations"), task.path("spec")),
                spec,
                problem,
                status(task.path("status")));
    }

    private static TaskObject.RequestedActions requestedActions(JsonNode annotations) {
        String key = annotations.path(Annotations.KEY).textValue();
        return new TaskObject.RequestedActions(
                key != null && KEY.matcher(key).matches() ? key : null,
                ActionValue.of(annotations.path(Annotations.RUN_NOW).textValue()),
                ActionValue.of(annotations.path(Annotations.REDRIVE).textValue()));
    }

    private static TaskStatus status(JsonNode status) {
        if (isUnreported(status)) {
            return UNREPORTED;
        }
        try {
            TaskStatus read = TaskJson.MAPPER.treeToValue(withShortValues(status), TaskStatus.class);
            return read == null ? NO_STATUS : read;
        } catch (JsonProcessingException unreadable) {
            // Only operators write status, so an older or a newer one wrote this. The counts of the Task start at zero.
            return NO_STATUS;
        }
    }

    private static boolean isUnreported(JsonNode status) {
        return TaskState.Pending.name().equals(status.path("state").textValue())
                && status.size() == (status.has("conditions") ? 2 : 1);
    }

    /** An operator of another version, or somebody else, may have written a long value. */
    private static JsonNode withShortValues(JsonNode status) {
        JsonNode shortened = status;
        for (String field : List.of("lastHandledRunNow", "lastHandledRedrive", "lastHandledQueueRedrive")) {
            String value = status.path(field).textValue();
            if (value != null && value.length() > ActionValue.MAX_LENGTH) {
                shortened = ((ObjectNode) shortened.deepCopy()).put(field, ActionValue.of(value));
            }
        }
        return shortened;
    }

    private static String text(JsonNode parent, String field) {
        JsonNode value = parent.path(field);
        if (!value.isTextual()) {
            throw new IllegalArgumentException("the object has no metadata." + field);
        }
        return value.textValue();
    }
}
