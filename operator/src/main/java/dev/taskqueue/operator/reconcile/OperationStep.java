package dev.taskqueue.operator.reconcile;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The result of one reconcile step of a queue-wide operation.
 *
 * @param status what to write into status; null = nothing
 * @param again when to reconcile again; null = when something changes. A status that is written changes the queue
 */
record OperationStep<T>(@Nullable T status, @Nullable Duration again) {}
