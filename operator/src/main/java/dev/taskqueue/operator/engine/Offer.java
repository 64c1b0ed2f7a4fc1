package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A Task that has not ended, as the engine takes it in: the beginning of one delivery.
 *
 * @param createdAt when the object was created
 * @param openSince what the queue's limit for unfinished Tasks counts from: the creation, or the last redrive
 * @param dueAt when its next attempt may leave
 * @param expireAt no attempt leaves at or after it; null = only the queue's own limit counts
 * @param obstacle what is known beforehand to keep it; null where nothing is
 * @param claim an attempt that an earlier process had in flight; null where there is none
 * @param end what it ends with instead of being sent; null where it is to be sent
 */
public record Offer(
        DeliveryId id,
        QueueId queue,
        Instant createdAt,
        Instant openSince,
        Instant dueAt,
        @Nullable Instant expireAt,
        AttemptHistory history,
        @Nullable Obstacle obstacle,
        @Nullable Claim claim,
        @Nullable End end) {

    public Offer {
        if (id.round() != history.round()) {
            throw new IllegalArgumentException(
                    "%s is offered with the progress of round %d".formatted(id, history.round()));
        }
    }

    /**
     * An attempt whose outcome nobody has written. It counts as in flight until {@code until}, when it counts as interrupted.
     *
     * @param until when the process that sent it can no longer write its outcome
     */
    public record Claim(Instant scheduledAt, Instant dispatchedAt, Instant until) {}

    /** An end that the Task's object alone proves; it is written once this process may write. */
    public record End(Ending ending, Instant at) {}
}
