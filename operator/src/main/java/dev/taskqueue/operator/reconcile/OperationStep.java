package dev.taskqueue.operator.reconcile;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What came of a look at an operation on a whole queue.
 *
 * @param told what status is to say of it; null = nothing
 * @param again when to look again; null = when something changes
 */
record OperationStep<T>(@Nullable T told, @Nullable Duration again) {
    /** For what is written down first and done once it is read back. */
    static final Duration AT_ONCE = Duration.ofMillis(1);
}
