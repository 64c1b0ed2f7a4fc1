package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Progress;
import dev.taskqueue.operator.domain.TaskId;
import java.time.Instant;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * One delivery of a Task, in its lane. For everybody else it is a handle: whoever offers a Task keeps it, and hands it back in with each
 * question. Its lane's lock guards every field that changes. There are many of these: keep it small.
 */
public final class Delivery {
    /** A queue's order: by due time, ties by arrival. */
    static final Comparator<Delivery> ORDER = Comparator.<Delivery>comparingLong(delivery -> delivery.dueAt)
            .thenComparingLong(delivery -> delivery.arrival);

    /** Where a delivery is; each place but the last two is a set of the lane. */
    enum Place {
        /** Waits for its time, or for room to be prepared. */
        LATER,
        /** A thread gathers what its request needs. */
        PREPARING,
        /** Prepared, waits for time, turn, token and slot. */
        READY,
        /** Waits for an obstacle to go. */
        PARKED,
        /** An earlier process sent it; until its claim ends it takes a slot here. */
        CLAIMED,
        /** Sent, or its outcome is being written; takes a slot. */
        IN_FLIGHT,
        /** Out of line: a purge deletes it. */
        PURGED,
        /** Ends without another attempt; that is written once this process may write. */
        ENDING,
        /** Cancelled, or over. */
        GONE
    }

    final TaskId task;
    final Lane lane;
    final long arrival;
    final long createdAt;
    final long openSince;
    final long expireAt;

    Place place = Place.LATER;
    /** Epoch milliseconds, rounded up, so that nothing leaves early. */
    long dueAt;

    Progress progress;
    /** What is on its way now: prepared, in flight or claimed; null while it waits. */
    @Nullable Flight flight;
    /** What it ends with, while {@link Place#ENDING}. */
    Offer.@Nullable End end;

    Delivery(Lane lane, long arrival, Offer offer) {
        this.task = offer.id().task();
        this.lane = lane;
        this.arrival = arrival;
        this.createdAt = offer.createdAt().toEpochMilli();
        this.openSince = offer.openSince().toEpochMilli();
        this.expireAt =
                offer.expireAt() == null ? Long.MAX_VALUE : offer.expireAt().toEpochMilli();
        this.dueAt = ceilMillis(offer.dueAt());
        this.progress = offer.progress();
    }

    /** What a delivery needs only between its preparation and the write of its outcome. */
    static final class Flight {
        /** When its preparation began, then when it ended; monotonic nanoseconds. */
        long since;

        Dispatcher.@Nullable Shipment shipment;
        /** Of the shipment; 0 while there is none. */
        long size;

        Offer.@Nullable Claim claim;

        @Nullable Instant dispatchedAt;
        /** Leaves because a person asked for it: without a token of the queue's bucket. */
        boolean hurried;
        /** Made of what has changed since: where it has not left yet, it is prepared anew. */
        boolean outdated;

        Flight(long since) {
            this.since = since;
        }
    }

    /** A new one each time: there are too many deliveries to keep it. */
    public DeliveryId id() {
        return new DeliveryId(task, progress.round());
    }

    boolean isBefore(Delivery other) {
        return ORDER.compare(this, other) < 0;
    }

    static long ceilMillis(Instant instant) {
        return instant.plusNanos(999_999).toEpochMilli();
    }
}
