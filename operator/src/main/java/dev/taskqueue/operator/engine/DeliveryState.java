package dev.taskqueue.operator.engine;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a delivery, with the data that belongs to it. Only the lane's {@code Deliveries} change it. There is one for each Task, so a state
 * without data is a shared object.
 *
 * <p>The usual way is {@code Waiting -> Preparing -> Ready -> Departing -> InFlight -> Removed}, or back to {@code Waiting} as a retry. A large
 * request goes {@code Preparing -> ReadyToFetch -> Fetching -> Fetched -> Departing}.
 */
sealed interface DeliveryState {
    /** The permit that this state holds, to be released when the delivery leaves the state; null if a thread holds it, or if there is none. */
    default @Nullable AttemptPermit heldPermit() {
        return null;
    }

    /** Whether this state goes on with the permit that the last one held. */
    default boolean takesOver(AttemptPermit permit) {
        return switch (this) {
            case Fetched fetched -> fetched.permit() == permit;
            case Departing departing -> departing.permit() == permit;
            case Claimed claim -> claim.permit() == permit;
            case Interrupted interrupted -> interrupted.permit() == permit;
            default -> false;
        };
    }

    /** It waits for its time or for its preparation. If a purge is to delete it, it waits for that alone. */
    record Waiting() implements DeliveryState {
        static final Waiting SHARED = new Waiting();
    }

    /** It is prepared, and waits for its time and turn. */
    sealed interface Prepared extends DeliveryState {
        /** Monotonic nanoseconds. */
        long since();
    }

    /** A thread gathers what the request needs. */
    sealed interface InPreparation extends DeliveryState {
        /** Monotonic nanoseconds. */
        long since();

        /** The lane's generation when it began. If there is a later one at the end, the result is thrown away. */
        int generation();
    }

    record Preparing(long since, int generation) implements InPreparation {}

    /** It waits for its time, turn, token and slot. */
    record Ready(Dispatcher.PreparedRequest request, long since) implements Prepared {}

    /** It has no obstacle, but its content is too large to wait in memory. It is read when its turn comes. */
    record ReadyToFetch(long size, long since) implements Prepared {}

    /** Its large content is being read. */
    record Fetching(AttemptPermit permit, long since, int generation) implements InPreparation {}

    /** Its large content is in memory, and only the token is missing. */
    record Fetched(Dispatcher.PreparedRequest request, AttemptPermit permit, long since) implements Prepared {
        @Override
        public AttemptPermit heldPermit() {
            return permit;
        }
    }

    /**
     * A thread is about to send it.
     *
     * @param expedited whether it leaves because a person asked for it, without a token
     */
    record Departing(Dispatcher.PreparedRequest request, AttemptPermit permit, int generation, boolean expedited)
            implements DeliveryState {}

    /** It is sent, or its outcome is being written. */
    record InFlight(
            AttemptPermit permit,
            Instant dispatchedAt,
            @Nullable Instant expireAt,
            Duration deadline,
            boolean expedited)
            implements DeliveryState {}

    /** An earlier process sent it. It takes a slot here until its claim ends. */
    record Claimed(Offer.Claim claim, AttemptPermit permit) implements DeliveryState {
        @Override
        public AttemptPermit heldPermit() {
            return permit;
        }
    }

    /** Its claim has ended, and that is being written. */
    record Interrupted(Offer.Claim claim, AttemptPermit permit) implements DeliveryState {}

    /** It waits until an obstacle is gone. */
    record Blocked() implements DeliveryState {
        static final Blocked SHARED = new Blocked();
    }

    /** The API server refuses to write its outcome. The write is to be repeated. */
    record Unwritten(Journal.Entry entry) implements DeliveryState {}

    /** The refused write is being repeated. */
    record Rewriting(Journal.Entry entry) implements DeliveryState {}

    /** It ends without another attempt. That is written as soon as this process may write. */
    record Ending(Offer.End end) implements DeliveryState {}

    /** It is cancelled, or over. */
    record Removed() implements DeliveryState {
        static final Removed SHARED = new Removed();
    }
}
