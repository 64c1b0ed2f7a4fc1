package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.task.RedriveRequest;
import dev.taskqueue.operator.task.WrittenStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of one Task, as far as this process knows it. Immutable; {@link TaskTransitions} make the next state. There is one for each Task: keep it
 * small.
 *
 * @param version the newest known resourceVersion of the object
 * @param tracked whether Git, Helm or kubectl apply manages it, and would create it again
 * @param writtenStatus what its status says, and which annotation values were handled
 * @param redrive a redrive that was requested and that status does not show yet; null if there is none
 */
public record RecordState(
        long version,
        boolean tracked,
        Phase phase,
        WrittenStatus writtenStatus,
        @Nullable Redrive redrive) {

    /** The state before the object was first seen. */
    public static final RecordState UNSEEN =
            new RecordState(Long.MIN_VALUE, false, new Phase.Unseen(), WrittenStatus.NOTHING, null);

    /** The phase of a Task. Only {@link Open} and {@link Ending} have a delivery in the engine. */
    public sealed interface Phase {
        /** The round: 1 after the creation, and one more after each redrive. */
        int round();

        record Unseen() implements Phase {
            @Override
            public int round() {
                return 0;
            }
        }

        /**
         * It has not ended.
         *
         * @param concluded the attempt whose outcome was written last, or is being written
         * @param claimed whether another process had an attempt in flight when this process first saw the Task, and its outcome is not known yet
         */
        record Open(int round, int concluded, boolean claimed) implements Phase {
            private static final Open UNTOUCHED = new Open(1, 0, false);

            /** One instance for all Tasks that wait for their first attempt, which are most Tasks. */
            static Open of(int round, int concluded, boolean claimed) {
                var open = new Open(round, concluded, claimed);
                return open.equals(UNTOUCHED) ? UNTOUCHED : open;
            }
        }

        /**
         * Its end is being written. The API server may have stored it already.
         *
         * @param failedAt when it failed; null if it succeeded
         */
        record Ending(int round, @Nullable Instant failedAt) implements Phase {}

        /** It has ended and is retained. */
        record Finished(int round, boolean success) implements Phase {}

        /** It was deleted before it ended, and only a finalizer keeps it. */
        record Deleting(int round) implements Phase {}

        /** The object no longer exists. This phase never changes. */
        record Deleted(int round) implements Phase {}

        /** Whether the engine has a delivery of the Task. */
        default boolean isDelivered() {
            return this instanceof Open || this instanceof Ending;
        }
    }

    /**
     * A redrive of a Failed Task that was requested and is not done.
     *
     * @param deferred whether it waits because this process may not write now; otherwise it is being written
     */
    public record Redrive(RedriveRequest request, boolean deferred) {}

    RecordState in(Phase next) {
        return new RecordState(version, tracked, next, writtenStatus, redrive);
    }

    RecordState with(WrittenStatus next) {
        return new RecordState(version, tracked, phase, next, redrive);
    }

    RecordState with(@Nullable Redrive next) {
        return new RecordState(version, tracked, phase, writtenStatus, next);
    }

    RecordState at(long next) {
        return new RecordState(next, tracked, phase, writtenStatus, redrive);
    }

    /** Whether the status of the Task says that it had failed by this time, or is about to say so. */
    public boolean isFailingBy(Instant time) {
        return phase instanceof Phase.Ending ending
                && ending.failedAt() != null
                && !ending.failedAt().isAfter(time);
    }

    /** Whether the delivery of this round goes on. */
    public boolean isDelivering(int round) {
        return phase.isDelivered() && phase.round() == round;
    }

    /** Whether an outcome is newer than this status of the delivery: the engine learns only after the write that an attempt has ended. */
    public boolean isOvertaken(DeliveryStatus deliveryStatus) {
        return !(phase instanceof Phase.Open open)
                || (deliveryStatus instanceof DeliveryStatus.Dispatching attempt
                        && attempt.before().dispatches() < open.concluded());
    }
}
