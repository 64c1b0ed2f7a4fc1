package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.TaskId;
import java.time.Instant;
import java.util.Comparator;

/**
 * One delivery of a Task, in its lane. For everybody else it is a handle: whoever offers a Task keeps it, and hands it back in with each
 * question. Its lane's lock guards every field that changes. There are many of these: keep it small.
 */
public final class Delivery {
    /** A queue's order: by due time, ties by arrival. */
    static final Comparator<Delivery> ORDER = Comparator.<Delivery>comparingLong(delivery -> delivery.dueAt)
            .thenComparingLong(delivery -> delivery.arrival);

    final TaskId task;
    final Lane lane;
    final long arrival;
    final long createdAt;
    final long openSince;
    final long expireAt;

    DeliveryState state = DeliveryState.Removed.SHARED;
    /** Epoch milliseconds, rounded up, so that nothing leaves early. */
    long dueAt;

    AttemptHistory progress;

    Delivery(Lane lane, long arrival, Offer offer) {
        this.task = offer.id().task();
        this.lane = lane;
        this.arrival = arrival;
        this.createdAt = offer.createdAt().toEpochMilli();
        this.openSince = offer.openSince().toEpochMilli();
        this.expireAt =
                offer.expireAt() == null ? Long.MAX_VALUE : offer.expireAt().toEpochMilli();
        this.dueAt = ceilMillis(offer.dueAt());
        this.progress = offer.history();
    }

    /** A new one each time: there are too many deliveries to keep it. */
    public DeliveryId id() {
        return new DeliveryId(task, progress.round());
    }

    /** Whether it is still in this very state, and not in another one that looks the same. */
    @SuppressWarnings("ReferenceEquality")
    boolean isIn(DeliveryState one) {
        return state == one;
    }

    boolean isBefore(Delivery other) {
        return ORDER.compare(this, other) < 0;
    }

    static long ceilMillis(Instant instant) {
        return instant.plusNanos(999_999).toEpochMilli();
    }
}
