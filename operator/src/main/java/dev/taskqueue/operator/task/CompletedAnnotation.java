package dev.taskqueue.operator.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.engine.Journal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a Task ended, as its annotation {@code taskqueue.dev/completed} says: what outlives a status that a backup, or a copy between clusters,
 * leaves behind. It counts only for the very spec that it was written for.
 */
public record CompletedAnnotation(boolean success, Instant at) {
    private static final Duration MAX_CLOCK_SKEW = Duration.ofMinutes(1);

    private static final ObjectWriter CANONICAL =
            TaskJson.MAPPER.writer().with(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    /** What the annotations say of a Task with this spec; null where they say nothing, or speak of another spec. */
    static @Nullable CompletedAnnotation of(JsonNode annotations, JsonNode spec) {
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
            // Not written by us: then it says nothing.
            return null;
        }
    }

    /**
     * Whether it tells of what cannot have been yet, so that nobody has to believe it. The clock of whoever wrote it may have been ahead of
     * ours.
     */
    public boolean isInTheFuture(Instant now) {
        return at.isAfter(now.plus(MAX_CLOCK_SKEW));
    }

    /** The end that a Task takes over without being sent again. */
    public Ending ending() {
        return new Ending(
                Ending.Reason.AlreadyCompleted,
                success,
                "It ended before, at " + Times.format(at) + ", as its annotation " + Annotations.COMPLETED
                        + " says, and is not sent again; to send it again, create it without that annotation.");
    }

    /** The merge patch that notes how a Task ends; empty where it is noted already, or is what the note itself told. */
    public static Optional<String> patch(JsonNode task, Journal.Entry.Finished end) {
        if (end.ending().reason() == Ending.Reason.AlreadyCompleted) {
            return Optional.empty();
        }
        JsonNode metadata = task.path("metadata");
        String value = new CompletedAnnotation(end.ending().isSuccess(), end.at()).value(task.path("spec"));
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

    /** Whatever the order of its fields. */
    private static String hash(JsonNode spec) {
        try {
            byte[] text = CANONICAL
                    .writeValueAsString(TaskJson.MAPPER.treeToValue(spec, Object.class))
                    .getBytes(StandardCharsets.UTF_8);
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (JsonProcessingException | NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("A parsed spec can be written, and every Java has SHA-256", impossible);
        }
    }
}
