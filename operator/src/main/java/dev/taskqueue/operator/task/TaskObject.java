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
 * @param createdAt whole seconds, cut
 * @param deleting whether somebody's finalizer is all that keeps it
 * @param tracked whether it is in the hands of Git, Helm or kubectl apply, which would create it again
 * @param requestedActions what its annotations ask for
 * @param completedAnnotation how it ended before, where it says so itself
 * @param spec null where it cannot be read; then {@code problem} says why
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

    /** {@code spec.ttlAfterFinished}; null where there is none that can be read. */
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

    /** When it ended; null where its status does not say so. */
    public @Nullable Instant endedAt() {
        return Times.read(status.completionTime()).orElse(null);
    }

    /**
     * What people and producers write on a Task.
     *
     * @param key the producer's own name for it
     * @param runNow each new value asks for an attempt at once
     * @param redrive each new value starts a Failed Task again
     */
    public record RequestedActions(
            @Nullable String key,
            @Nullable String runNow,
            @Nullable String redrive) {}
}
