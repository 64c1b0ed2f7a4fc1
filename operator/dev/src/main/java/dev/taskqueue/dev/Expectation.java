package dev.taskqueue.dev;

import dev.taskqueue.operator.api.Conditions;
import dev.taskqueue.operator.api.Task;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.api.TaskStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The expected end of a Task: a state, alone or with its reason.
 *
 * @param state {@code Succeeded}, {@code Failed}, {@code Deleted} or {@code AlreadyExists}
 * @param reason null = any reason
 */
record Expectation(String state, @Nullable String reason) {
    /** The annotation of a Task that holds it. Without the annotation {@code Succeeded} is expected. */
    static final String ANNOTATION = "taskqueue.dev/expect";

    static final String ALREADY_EXISTS = "AlreadyExists";
    static final String DELETED = "Deleted";

    private static final List<String> STATES = List.of("Succeeded", "Failed", DELETED, ALREADY_EXISTS);

    /** @throws IllegalArgumentException with a sentence for the user */
    static Expectation parse(@Nullable String text) {
        String[] parts = (text == null ? "Succeeded" : text).strip().split("/", 2);
        if (!STATES.contains(parts[0])) {
            throw new IllegalArgumentException("The annotation " + ANNOTATION + " is \"" + text
                    + "\"; write Succeeded, Failed, Deleted or AlreadyExists, the first two with or without /REASON.");
        }
        return new Expectation(parts[0], parts.length == 2 ? parts[1] : null);
    }

    /** Reads the expectation of a Task of the API server. An unreadable value is never met. */
    static Expectation of(Task task) {
        var annotations = task.getMetadata().getAnnotations();
        String text = annotations == null ? null : annotations.get(ANNOTATION);
        try {
            return parse(text);
        } catch (IllegalArgumentException unreadable) {
            return new Expectation(String.valueOf(text), null);
        }
    }

    boolean isMetBy(String endState, @Nullable String endReason) {
        return state.equals(endState) && (reason == null || reason.equals(endReason));
    }

    @Override
    public String toString() {
        return reason == null ? state : state + "/" + reason;
    }

    static boolean hasEnded(@Nullable TaskStatus status) {
        return status != null && (status.state() == TaskState.Succeeded || status.state() == TaskState.Failed);
    }

    /** The reason of the condition {@code Succeeded}: why the Task ended so, or why it has not ended yet. */
    static @Nullable String reason(@Nullable TaskStatus status) {
        return condition(status, Conditions.Type.Succeeded, true);
    }

    /** The message of the condition {@code Succeeded}. */
    static @Nullable String message(@Nullable TaskStatus status) {
        return condition(status, Conditions.Type.Succeeded, false);
    }

    private static @Nullable String condition(@Nullable TaskStatus status, Conditions.Type type, boolean reason) {
        if (status == null || status.conditions() == null) {
            return null;
        }
        return status.conditions().stream()
                .filter(condition -> type.name().equals(condition.getType()))
                .map(condition -> reason ? condition.getReason() : condition.getMessage())
                .findFirst()
                .orElse(null);
    }
}
