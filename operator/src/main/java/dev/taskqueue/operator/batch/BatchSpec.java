package dev.taskqueue.operator.batch;

import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.OnFinished;
import org.jspecify.annotations.Nullable;

/**
 * The spec of a batch without its items, which are large. A null stands for a field that is not set.
 *
 * @param request the template's
 * @param dispatchDeadline the template's
 * @param maxFailed more failed items than this stop the batch
 */
public record BatchSpec(
        @Nullable HttpRequest request,
        @Nullable String dispatchDeadline,
        @Nullable String scheduleTime,
        @Nullable String delay,
        @Nullable String expireTime,
        @Nullable String ttlAfterFinished,
        @Nullable Integer maxFailed,
        @Nullable OnFinished onFinished) {
    /** Nothing is set. */
    static final BatchSpec NOTHING = new BatchSpec(null, null, null, null, null, null, null, null);
}
