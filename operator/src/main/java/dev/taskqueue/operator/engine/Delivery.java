package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * One delivery of a Task, or of an item of a TaskBatch, in the lane of its queue. Outside the engine it is a handle: the caller that offers a Task keeps it and passes it back
 * with each question. Its lane's lock guards every field that changes. There is one for each unfinished Task: keep it small.
 */
public class Delivery {
    /** How long before its due time a delivery is prepared, so that reading its body does not make it late. */
    static final Duration LEAD = Duration.ofSeconds(1);

    /** A queue's order: by due time, ties by arrival. */
    static final Comparator<Delivery> ORDER = Comparator.<Delivery>comparingLong(delivery -> delivery.dueAt)
            .thenComparingLong(delivery -> delivery.arrival);

    final DeliveryKey key;
    /** The lane's own instance, so that it costs no memory. */
    final QueueId queue;

    final long arrival;
    final long createdAt;
    final long openSince;
    final long expireAt;

    DeliveryState state = DeliveryState.Removed.SHARED;
    /** Epoch milliseconds, rounded up, so that nothing leaves early. */
    long dueAt;

    AttemptHistory history;

    /** When its attempt is due, in epoch milliseconds: what handlers and statistics see. */
    long scheduledAt() {
        return dueAt;
    }

    /** It has moved to its present state from this one. */
    void moved(DeliveryState from) {}

    /** Whether it keeps its place in time, and not in the day, if the wall clock showed {@code before} and was set by {@code moved}. */
    boolean staysDue(long before, long moved) {
        return dueAt > before ? history.roundAttempts() > 0 : moved < 0;
    }

    /**
     * What all items of a batch have in common. Times are epoch milliseconds.
     *
     * @param queue the lane's own instance
     * @param expireAt {@link Long#MAX_VALUE} = never
     */
    record Origin(QueueId queue, long createdAt, long openSince, long expireAt) {}

    /** An item that is due at {@code dueAt}, in epoch milliseconds. */
    Delivery(DeliveryKey key, Origin origin, long arrival, long dueAt, AttemptHistory history) {
        this.key = key;
        this.queue = origin.queue;
        this.arrival = arrival;
        this.createdAt = origin.createdAt;
        this.openSince = origin.openSince;
        this.expireAt = origin.expireAt;
        this.dueAt = dueAt;
        this.history = history;
    }

    /** @param queue the instance that all deliveries of a lane share */
    Delivery(QueueId queue, long arrival, Offer offer) {
        this.key = offer.id().key();
        this.queue = queue;
        this.arrival = arrival;
        this.createdAt = offer.createdAt().toEpochMilli();
        this.openSince = offer.openSince().toEpochMilli();
        this.expireAt =
                offer.expireAt() == null ? Long.MAX_VALUE : offer.expireAt().toEpochMilli();
        this.dueAt = ceilMillis(offer.dueAt());
        this.history = offer.history();
    }

    /** A new id object each time: there are too many deliveries to keep one in each. */
    public DeliveryId id() {
        return new DeliveryId(key, history.round());
    }

    /** Whether it is still in this very state, and not in another one that is equal. */
    @SuppressWarnings("ReferenceEquality")
    boolean isIn(DeliveryState one) {
        return state == one;
    }

    /** Whether it is this very delivery. */
    @SuppressWarnings("ReferenceEquality")
    boolean is(@Nullable Delivery other) {
        return this == other;
    }

    boolean isBefore(Delivery other) {
        return ORDER.compare(this, other) < 0;
    }

    /** Epoch milliseconds, rounded up, so that nothing leaves early. */
    public static long ceilMillis(Instant instant) {
        return instant.plusNanos(999_999).toEpochMilli();
    }
}
