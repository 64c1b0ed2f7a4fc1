package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.task.WrittenStatus;
import org.jspecify.annotations.Nullable;

/**
 * Everything the operator knows of one Task and decides by. Immutable; {@link TaskTransitions} makes the next one. There are many of these:
 * keep it small.
 *
 * @param version the newest resourceVersion of the object that is known
 * @param tracked whether it is in the hands of Git, Helm or kubectl apply, which would create it again
 * @param writtenStatus what its status says, and what its annotations asked for and was heeded
 * @param redrive another start that was asked for and is not yet seen in status; null where there is none
 */
public record RecordState(
        long version,
        boolean tracked,
        Phase phase,
        WrittenStatus writtenStatus,
        @Nullable Redrive redrive) {

    /** Before the object was first seen. */
    public static final RecordState UNSEEN =
            new RecordState(Long.MIN_VALUE, false, new Phase.Unseen(), WrittenStatus.NOTHING, null);

    /** Where a Task is in its life. Only {@link Open} and {@link Ending} have a delivery in the engine. */
    public sealed interface Phase {
        /** The round it is in: 1 since creation, each redrive begins the next one. */
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
         * @param claimed whether another process had an attempt in flight when this one took the Task in, and its outcome is not known yet
         */
        record Open(int round, int concluded, boolean claimed) implements Phase {
            private static final Open UNTOUCHED = new Open(1, 0, false);

            /** One instance for all Tasks that wait for their first attempt: most of those that exist. */
            static Open of(int round, int concluded, boolean claimed) {
                var open = new Open(round, concluded, claimed);
                return open.equals(UNTOUCHED) ? UNTOUCHED : open;
            }
        }

        /** Its end is being written. */
        record Ending(int round) implements Phase {}

        /** It has ended and is retained. */
        record Finished(int round, boolean success) implements Phase {}

        /** It was deleted before it ended, and somebody's finalizer is all that keeps it. */
        record Deleting(int round) implements Phase {}

        /** The object is gone. Nothing changes this any more. */
        record Deleted(int round) implements Phase {}

        /** Whether the engine has a delivery of it. */
        default boolean isDelivered() {
            return this instanceof Open || this instanceof Ending;
        }
    }

    /**
     * Another start of a Failed Task, asked for and not done.
     *
     * @param value that of the Task's own annotation; null where its queue's asks
     * @param deferred whether this process may not write now; else somebody is at it
     */
    public record Redrive(@Nullable String value, boolean deferred) {}

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

    /** Whether the delivery of this round is not over. */
    public boolean isDelivering(int round) {
        return phase.isDelivered() && phase.round() == round;
    }

    /** Whether an outcome has overtaken this: the engine learns only after the write that an attempt is over. */
    public boolean isOvertaken(DeliveryStatus deliveryStatus) {
        return !(phase instanceof Phase.Open open)
                || (deliveryStatus instanceof DeliveryStatus.Dispatching attempt
                        && attempt.before().dispatches() < open.concluded());
    }
}
