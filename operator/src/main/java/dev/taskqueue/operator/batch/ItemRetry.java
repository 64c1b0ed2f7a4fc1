package dev.taskqueue.operator.batch;

import dev.taskqueue.operator.domain.ItemAttempts;

/**
 * An item that waits for another attempt: it backs off, or it was started again.
 *
 * @param attempts those behind it
 * @param nextAt when the next one is due, in epoch milliseconds
 */
public record ItemRetry(ItemAttempts attempts, long nextAt) {
    /** Whether an attempt of this round has failed. */
    public boolean isBackingOff() {
        return attempts.attempts() > 0;
    }
}
