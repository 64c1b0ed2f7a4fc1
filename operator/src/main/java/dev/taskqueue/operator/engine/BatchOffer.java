package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.ItemAttempts;
import dev.taskqueue.operator.domain.QueueId;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The items of a TaskBatch that have not ended, handed to the engine.
 *
 * @param round 1 since creation; each redrive begins the next one
 * @param createdAt when the object was created
 * @param openSince when the queue's limit for unfinished Tasks begins
 * @param expireAt no item leaves at or after it; null = only the queue's own limit counts
 * @param held whether a person holds the batch: its items stay
 * @param items those to be sent. They belong to the engine from now on
 * @param claims attempts that an earlier process had in flight, by the index of the item. These items are not among {@code items}
 */
public record BatchOffer(
        BatchId id,
        int round,
        QueueId queue,
        Instant createdAt,
        Instant openSince,
        @Nullable Instant expireAt,
        boolean held,
        BatchItems items,
        Map<Integer, Claimed> claims) {

    /** An item in flight since before this process. */
    public record Claimed(ItemAttempts attempts, Offer.Claim claim) {}
}
