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
    private static final Ending EXPIRED = new Ending(
            Ending.Reason.Expired,
            "The Task was not delivered before its expireTime or its queue's retention.unfinished.");

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

    /** The end of a delivery that has expired. */
    Offer.End end(ClockReading now) {
        return new Offer.End(EXPIRED, Instant.ofEpochMilli(now.millis()));
    }

    boolean isExpired(Delivery delivery, ClockReading now) {
        return expiresAt(delivery, now.nanos()) <= now.millis();
    }

    /** In epoch milliseconds; {@link Long#MAX_VALUE} = never. */
    private long expiresAt(Delivery delivery, long nanos) {
        if (unfinished == null && nanos - openedAt < ABSENT) {
            return delivery.expireAt;
        }
        Duration limit = unfinished == null ? UNFINISHED_WITHOUT_QUEUE : unfinished;
        return Math.min(delivery.expireAt, delivery.openSince + limit.toMillis());
    }
}
