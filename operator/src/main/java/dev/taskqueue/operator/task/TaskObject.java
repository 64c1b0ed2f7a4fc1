package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.api.TaskStatus;
import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A Task as it was read.
 *
 * @param createdAt cut to whole seconds
 * @param deleting whether it is deleted and only a finalizer keeps it
 * @param tracked whether Git, Helm or kubectl apply manages it, and would create it again
 * @param requestedActions the actions that its annotations request
 * @param completedAnnotation how it ended before, if its annotation says so
 * @param spec null if it cannot be read; then {@code problem} says why
 */
public record TaskObject(
        TaskId id,
        QueueId queue,
        long resourceVersion,
        Instant createdAt,
        boolean deleting,
        boolean tracked,
        RequestedActions requestedActions,
        @Nullable CompletedAnnotation completedAnnotation,
        @Nullable TaskSpec spec,
        @Nullable String problem,
        TaskStatus status) {

    /** Whether status says that it has ended. */
    public boolean isFinished() {
        return status.state() == TaskState.Succeeded || status.state() == TaskState.Failed;
    }

    /** {@code spec.ttlAfterFinished}; null if it is missing or cannot be read. */
    public @Nullable Duration ttl() {
        if (spec == null || spec.ttlAfterFinished() == null) {
            return null;
        }
        try {
            return Durations.parse(spec.ttlAfterFinished());
        } catch (IllegalArgumentException wrong) {
            return null;
        }
    }

    /** When it ended; null if its status does not say so. */
    public @Nullable Instant endedAt() {
        return Times.read(status.completionTime()).orElse(null);
    }

    /**
     * The annotations that people and producers write on a Task.
     *
     * @param key the producer's name for the Task
     * @param runNow each new value requests an attempt at once
     * @param redrive each new value starts a Failed Task again
     */
    public record RequestedActions(
            @Nullable String key,
            @Nullable String runNow,
            @Nullable String redrive) {}
}
