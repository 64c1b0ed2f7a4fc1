package dev.taskqueue.operator.engine;

import java.util.function.Predicate;

/** Port: whether this process may act. It is asked before every dispatch and every write, and answers at once, without I/O. */
public interface Fence {
    /** Whether this process is the one that acts. */
    boolean isOpen();

    /** Whether this process may dispatch Tasks of this namespace and write objects there. */
    default boolean isOpen(String namespace) {
        return isOpen();
    }

    /** Which outcomes this process may write. It may write some that it could not dispatch any more: a sent request cannot be called back. */
    default Outcomes outcomes() {
        return isOpen() ? new Outcomes.All() : new Outcomes.None();
    }

    /**
     * Whether this process may write certain outcomes now.
     *
     * @param isClaimedBy whether all of them are of attempts that have a claim of this holder
     */
    default Permission permission(Predicate<String> isClaimedBy) {
        return switch (outcomes()) {
            case Outcomes.All _ -> Permission.GRANTED;
            case Outcomes.Later _ -> Permission.LATER;
            case Outcomes.OfClaims own -> isClaimedBy.test(own.holder()) ? Permission.GRANTED : Permission.DENIED;
            case Outcomes.None _ -> Permission.DENIED;
        };
    }

    /** Whether something may be written. */
    enum Permission {
        GRANTED,
        /** Not now: this process will soon know whether it is still the leader. */
        LATER,
        /** No: another process decides. */
        DENIED
    }

    /** Which outcomes of attempts this process may write. */
    sealed interface Outcomes {
        record All() implements Outcomes {}

        /** None for now. Whether this process still leads will be known soon. */
        record Later() implements Outcomes {}

        /**
         * Outcomes of claims only. This process leads no more, and its successor leaves the claimed attempts alone.
         *
         * @param holder the name of this process in its claims
         */
        record OfClaims(String holder) implements Outcomes {}

        /** None. Another process decides. */
        record None() implements Outcomes {}
    }
}
