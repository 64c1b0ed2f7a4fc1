package dev.taskqueue.operator.engine;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a delivery is, with what it has there. {@link Deliveries#move} alone changes it. There are as many as Tasks, so what has no data is shared.
 *
 * <p>The usual way is {@code Waiting -> Preparing -> Ready -> Departing -> InFlight} and out, or back to {@code Waiting} as a retry. A large
 * request goes {@code Preparing -> ReadyToFetch -> Fetching -> Fetched -> Departing}.
 */
sealed interface DeliveryState {
    /** The pass that this state alone keeps, to be given back when the delivery leaves it; null where a thread has it, or there is none. */
    default @Nullable AttemptPermit kept() {
        return null;
    }

    /** Waits for its time, or for room to be prepared; or for its deletion, where a purge has to do with it. */
    record Waiting() implements DeliveryState {
        static final Waiting SHARED = new Waiting();
    }

    /** What is prepared, or has to be. */
    sealed interface Prepared extends DeliveryState {
        /** Monotonic nanoseconds. */
        long since();
    }

    /** A thread gathers what a request needs. */
    sealed interface Underway extends DeliveryState {
        /** Monotonic nanoseconds. */
        long since();

        /** Of what the lane's queue adds to requests; once there is a later one, the result is thrown away. */
        int edition();
    }

    record Preparing(long since, int edition) implements Underway {}

    /** Waits for its time, turn, token and slot. */
    record Ready(Dispatcher.PreparedRequest shipment, long since) implements Prepared {}

    /** Nothing stands in its way; its content is too large to wait here, so it is read when its turn comes. */
    record ReadyToFetch(long size, long since) implements Prepared {}

    /** Its content is being read. */
    record Fetching(AttemptPermit pass, long since, int edition) implements Underway {}

    /** Its content is here; only the token is missing. */
    record Fetched(Dispatcher.PreparedRequest shipment, AttemptPermit pass, long since) implements Prepared {
        @Override
        public AttemptPermit kept() {
            return pass;
        }
    }

    /**
     * On its way to the door.
     *
     * @param expedited leaves because a person asked for it, without a token
     */
    record Departing(Dispatcher.PreparedRequest shipment, AttemptPermit pass, int edition, boolean expedited)
            implements DeliveryState {}

    /** Sent, or its outcome is being written. */
    record InFlight(AttemptPermit pass, Instant dispatchedAt, Duration deadline, boolean expedited)
            implements DeliveryState {}

    /** An earlier process sent it; until its claim ends it takes a slot here. */
    record Claimed(Offer.Claim claim, AttemptPermit pass) implements DeliveryState {
        @Override
        public AttemptPermit kept() {
            return pass;
        }
    }

    /** Its claim has ended, and that is being written. */
    record Interrupted(Offer.Claim claim, AttemptPermit pass) implements DeliveryState {}

    /** Waits for an obstacle to go. */
    record Parked() implements DeliveryState {
        static final Parked SHARED = new Parked();
    }

    /** The API server refuses to write what came of it; the write is to be repeated. */
    record Unwritten(Journal.Entry entry) implements DeliveryState {}

    /** The write is being repeated. */
    record Rewriting(Journal.Entry entry) implements DeliveryState {}

    /** Ends without another attempt; that is written as soon as this process may. */
    record Ending(Offer.End end) implements DeliveryState {}

    /** Cancelled, or over. */
    record Removed() implements DeliveryState {
        static final Removed SHARED = new Removed();
    }
}
