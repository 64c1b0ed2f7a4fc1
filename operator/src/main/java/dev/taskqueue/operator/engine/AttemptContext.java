package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.RetryPolicy;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One attempt that is about to leave.
 *
 * @param scheduledAt when it was due
 * @param dispatchedAt now
 * @param expireAt at or after this time it must not leave any more; null = it never expires
 * @param before the attempts that the Task has behind it
 * @param retry the queue's retry rules in force
 */
public record AttemptContext(
        DeliveryKey key,
        QueueId queue,
        Instant scheduledAt,
        Instant dispatchedAt,
        @Nullable Instant expireAt,
        AttemptHistory before,
        RetryPolicy retry) {

    /** 1-based over the whole life of the Task. */
    public int number() {
        return before.dispatches() + 1;
    }
}
