package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Ending;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Says until when a lane's deliveries may leave: each has a time limit of its own, and its queue has one for unfinished Tasks. The lane's lock
 * guards it.
 */
final class ExpiryRules {
    private static final Ending TASK_EXPIRED = new Ending(
            Ending.Reason.Expired,
            "The Task was not delivered before its expireTime or its queue's retention.unfinished.");
    private static final Ending ITEM_EXPIRED = new Ending(
            Ending.Reason.Expired,
            "The item was not delivered before the expireTime of its batch or its queue's retention.unfinished.");

    /** The API's default of {@code retention.unfinished}. It applies to Tasks whose queue never existed. */
    private static final Duration UNFINISHED_WITHOUT_QUEUE = Duration.ofDays(31);
    /** A queue that has not been seen for this long after its first Task does not exist. */
    private static final long ABSENT = Duration.ofMinutes(1).toNanos();

    private final long openedAt;
    /** Null until the queue is first known. The last value counts after the queue was deleted. */
    private @Nullable Duration unfinished;

    /** @param nanos when the lane's first Task or its queue came */
    ExpiryRules(long nanos) {
        this.openedAt = nanos;
    }

    void applySettings(Duration limit) {
        unfinished = limit;
    }

    /** From when on the delivery may not leave any more, by what is known now; null = never. */
    @Nullable Instant expireAt(Delivery delivery, ClockReading now) {
        long at = Math.min(delivery.expireAt, unfinishedUntil(delivery.openSince, now.nanos()));
        return at == Long.MAX_VALUE ? null : Instant.ofEpochMilli(at);
    }

    /** The end of a delivery that has expired. */
    Offer.End end(Delivery delivery, ClockReading now) {
        Ending ending = delivery instanceof BatchFeed.ItemDelivery ? ITEM_EXPIRED : TASK_EXPIRED;
        return new Offer.End(ending, Instant.ofEpochMilli(now.millis()));
    }

    boolean isExpired(Delivery delivery, ClockReading now) {
        return isExpired(delivery.expireAt, delivery.openSince, now);
    }

    /**
     * The same for a delivery or a whole batch; times are epoch milliseconds.
     *
     * @param expireAt {@link Long#MAX_VALUE} = never
     */
    boolean isExpired(long expireAt, long openSince, ClockReading now) {
        return Math.min(expireAt, unfinishedUntil(openSince, now.nanos())) <= now.millis();
    }

    private long unfinishedUntil(long openSince, long nanos) {
        if (unfinished == null && nanos - openedAt < ABSENT) {
            return Long.MAX_VALUE;
        }
        Duration limit = unfinished == null ? UNFINISHED_WITHOUT_QUEUE : unfinished;
        return openSince + limit.toMillis();
    }
}
