package dev.taskqueue.operator.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.api.JsonText;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.engine.Journal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a Task ended, as its annotation {@code taskqueue.dev/completed} says. The annotation is kept by a backup, or a copy to another cluster,
 * that drops the status. It counts only for the same spec that it was written for.
 */
public record CompletedAnnotation(boolean success, Instant at) {
    private static final Duration MAX_CLOCK_SKEW = Duration.ofMinutes(1);

    private static final String REQUEST = "httpRequest";
    private static final String JSON = "json";

    private static final ObjectWriter CANONICAL =
            TaskJson.MAPPER.writer().with(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    /** Reads the annotation of a Task with this spec; null if there is none, or if it was written for another spec. */
    public static @Nullable CompletedAnnotation of(JsonNode annotations, JsonNode spec) {
        JsonNode text = annotations.path(Annotations.COMPLETED);
        if (!text.isTextual()) {
            return null;
        }
        try {
            JsonNode annotation = TaskJson.MAPPER.readTree(text.textValue());
            String state = annotation.path("state").asText();
            boolean success = state.equals(TaskState.Succeeded.name());
            if (!success && !state.equals(TaskState.Failed.name())) {
                return null;
            }
            return Times.read(annotation.path("time").asText())
                    .filter(_ -> annotation.path("specHash").asText().equals(hash(spec)))
                    .map(at -> new CompletedAnnotation(success, at))
                    .orElse(null);
        } catch (JsonProcessingException unreadable) {
            // The operator did not write this, so it counts as absent.
            return null;
        }
    }

    /**
     * Whether its time is in the future, so that the annotation is ignored. The clock of the process that wrote it may have been a little
     * ahead.
     */
    public boolean isInTheFuture(Instant now) {
        return at.isAfter(now.plus(MAX_CLOCK_SKEW));
    }

    /** The end of a Task that is not sent again because of this annotation. */
    public Ending ending() {
        return new Ending(
                Ending.Reason.AlreadyCompleted,
                success,
                "It ended before, at " + Times.format(at) + ", as its annotation " + Annotations.COMPLETED
                        + " says, and is not sent again; to send it again, create it without that annotation.");
    }

    /** The merge patch that writes the annotation; empty if it is there already, or if the end itself was read from it. */
    public static Optional<String> patch(JsonNode task, Journal.Entry.Finished end) {
        return end.ending().reason() == Ending.Reason.AlreadyCompleted
                ? Optional.empty()
                : new CompletedAnnotation(end.ending().isSuccess(), end.at()).patch(task);
    }

    /** The merge patch that writes this annotation; empty if it is there already. */
    public Optional<String> patch(JsonNode object) {
        JsonNode metadata = object.path("metadata");
        String value = value(object.path("spec"));
        if (value.equals(
                metadata.path("annotations").path(Annotations.COMPLETED).textValue())) {
            return Optional.empty();
        }
        ObjectNode patch = TaskJson.MAPPER.createObjectNode();
        patch.putObject("metadata")
                .put("resourceVersion", metadata.path("resourceVersion").asText())
                .putObject("annotations")
                .put(Annotations.COMPLETED, value);
        return Optional.of(patch.toString());
    }

    private String value(JsonNode spec) {
        return TaskJson.MAPPER
                .createObjectNode()
                .put("specHash", hash(spec))
                .put("state", (success ? TaskState.Succeeded : TaskState.Failed).name())
                .put("time", Times.format(at))
                .toString();
    }

    /** A JSON body may be nested too deeply to be sorted. The API server sorts its fields. The other parts are those of a TaskBatch. */
    private static JsonNode withJsonAsText(JsonNode spec) {
        JsonNode flat = flattened(spec);
        for (String part : List.of("template", "onFinished")) {
            if (spec.path(part).path(REQUEST).has(JSON)) {
                flat = shallowCopy(flat).set(part, flattened(spec.path(part)));
            }
        }
        return flat;
    }

    private static JsonNode flattened(JsonNode part) {
        JsonNode json = part.path(REQUEST).path(JSON);
        if (!part.isObject() || json.isMissingNode()) {
            return part;
        }
        ObjectNode request = shallowCopy(part.path(REQUEST)).put(JSON, JsonText.compact(json));
        return shallowCopy(part).set(REQUEST, request);
    }

    private static ObjectNode shallowCopy(JsonNode fields) {
        ObjectNode copy = TaskJson.MAPPER.createObjectNode();
        fields.properties().forEach(field -> copy.set(field.getKey(), field.getValue()));
        return copy;
    }

    /** The same for every order of the fields. */
    private static String hash(JsonNode spec) {
        try {
            byte[] text = CANONICAL
                    .writeValueAsString(TaskJson.MAPPER.treeToValue(withJsonAsText(spec), Object.class))
                    .getBytes(StandardCharsets.UTF_8);
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (JsonProcessingException | NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("A parsed spec can be written, and every Java has SHA-256", impossible);
        }
    }
}
