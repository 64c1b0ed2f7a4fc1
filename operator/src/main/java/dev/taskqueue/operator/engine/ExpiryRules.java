package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Ending;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Until when a lane's deliveries may leave: their own time limit, and their queue's for unfinished Tasks. Its lane guards it. */
final class ExpiryRules {
    private static final Ending EXPIRED = new Ending(
            Ending.Reason.Expired,
            "The Task was not delivered before its expireTime or its queue's retention.unfinished.");

    /** The API's default of {@code retention.unfinished}: what counts for Tasks whose queue never existed. */
    private static final Duration UNFINISHED_OF_NO_QUEUE = Duration.ofDays(31);
    /** A queue that was not seen for so long since its first Task does not exist. */
    private static final long ABSENT = Duration.ofMinutes(1).toNanos();

    private final long openedAt;
    /** Null until the queue is first known; one that was deleted keeps its last one. */
    private @Nullable Duration unfinished;

    /** @param nanos when the lane's first Task came, or its queue */
    ExpiryRules(long nanos) {
        this.openedAt = nanos;
    }

    void applySettings(Duration limit) {
        unfinished = limit;
    }

    Offer.End end(ClockReading now) {
        return new Offer.End(EXPIRED, Instant.ofEpochMilli(now.millis()));
    }

    /** In epoch milliseconds; {@link Long#MAX_VALUE} = never. */
    long of(Delivery delivery, long nanos) {
        if (unfinished == null && nanos - openedAt < ABSENT) {
            return delivery.expireAt;
        }
        Duration limit = unfinished == null ? UNFINISHED_OF_NO_QUEUE : unfinished;
        return Math.min(delivery.expireAt, delivery.openSince + limit.toMillis());
    }
}
