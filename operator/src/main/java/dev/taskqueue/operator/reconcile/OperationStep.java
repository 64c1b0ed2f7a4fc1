package dev.taskqueue.operator.reconcile;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The result of one reconcile step of a queue-wide operation.
 *
 * @param status what to write into status; null = nothing
 * @param again when to reconcile again; null = when something changes
 */
record OperationStep<T>(@Nullable T status, @Nullable Duration again) {
    /** The delay after an operation was written into status: it is done when it is read back. */
    static final Duration AT_ONCE = Duration.ofMillis(1);
}
