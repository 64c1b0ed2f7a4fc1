package dev.taskqueue.operator.lease;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Port: reads, writes and watches the Lease object. Each request is made once, and is answered or given up within a fraction of the renew period.
 */
public interface LeaseStore extends AutoCloseable {
    /** The Lease's namespace and name, for people. */
    String name();

    /** Reads the object; throws {@link Unanswered} without an answer. */
    Optional<LeaseRecord> read() throws Unanswered;

    /** Creates or replaces the object, if it still has the version of {@code next}. */
    Receipt write(LeaseRecord next);

    /**
     * Watches the object: first its present state, then every change. The watch may end by itself at any time.
     *
     * @param events called on some other thread
     */
    Watch watch(Consumer<Event> events) throws Unanswered;

    /**
     * An event of the watch.
     *
     * @param record the Lease; a deleted one as it was, with the version of its deletion
     */
    record Event(LeaseRecord record, boolean isDeleted) {}

    @Override
    void close();

    /** The result of a write. */
    sealed interface Receipt {
        record Written(LeaseRecord record) implements Receipt {}

        /** Somebody else was first: the object has another version, was deleted, or exists already. */
        record Conflict() implements Receipt {}

        /** The write may have been done or not. */
        record Unclear(String why) implements Receipt {}
    }

    /** A watch of the Lease. */
    interface Watch extends AutoCloseable {
        boolean isOpen();

        @Override
        void close();
    }

    /** The API server did not answer, or answered with an error. */
    final class Unanswered extends Exception {
        private static final long serialVersionUID = 1L;
        final String why;

        /**
         * Says why.
         *
         * @param why the end of a sentence
         */
        public Unanswered(String why) {
            super(why);
            this.why = why;
        }
    }
}
