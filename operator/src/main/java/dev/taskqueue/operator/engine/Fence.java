package dev.taskqueue.operator.engine;

/** Port: whether this process may act. Asked before every dispatch and every write; answers at once and without I/O. */
public interface Fence {
    /** Whether this process is the one that acts at all. */
    boolean isOpen();

    /** Whether it may dispatch Tasks of this namespace, and write whatever there is to write there. */
    default boolean isOpen(String namespace) {
        return isOpen();
    }

    /** Which outcomes it may write; more than dispatching, since a request that has left cannot be called back. */
    default Outcomes outcomes() {
        return isOpen() ? new Outcomes.All() : new Outcomes.None();
    }

    /** Which outcomes of attempts this process may write. */
    sealed interface Outcomes {
        record All() implements Outcomes {}

        /** None for now: whether this process still leads will be known soon. */
        record Later() implements Outcomes {}

        /**
         * It leads no more, and its successor leaves alone what it has claimed.
         *
         * @param holder who claims of this process name
         */
        record OfClaims(String holder) implements Outcomes {}

        /** None: another process decides. */
        record None() implements Outcomes {}
    }
}
