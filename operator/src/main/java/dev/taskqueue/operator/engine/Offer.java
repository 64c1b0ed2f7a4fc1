package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An unfinished Task that is handed to the engine: the beginning of one delivery.
 *
 * @param createdAt when the object was created
 * @param openSince when the queue's limit for unfinished Tasks begins: when the Task is first due, or at the last redrive
 * @param dueAt when its next attempt may leave
 * @param expireAt no attempt leaves at or after it; null = only the queue's own limit counts
 * @param obstacle an obstacle that is known beforehand; null if none is
 * @param claim an attempt that an earlier process had in flight; null if there is none
 * @param end the end of a Task that is not to be sent; null if it is to be sent
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
                    "%s is offered with the history of round %d".formatted(id, history.round()));
        }
    }

    /**
     * An attempt whose outcome nobody has written. It counts as in flight until {@code until}, and as interrupted from then on.
     *
     * @param until when the process that sent it can no longer write its outcome
     */
    public record Claim(Instant scheduledAt, Instant dispatchedAt, Instant until) {}

    /** An end that follows from the Task's object alone. It is written once this process may write. */
    public record End(Ending ending, Instant at) {}
}
