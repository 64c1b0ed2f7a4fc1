package dev.taskqueue.operator.lease;

import java.util.Optional;
import java.util.function.Consumer;

/** Port: the Lease object. Each request is made once and answered, or given up, within a fraction of the renew period. */
interface LeaseStore extends AutoCloseable {
    /** The object as it is now; throws {@link Unanswered} where nobody says. */
    Optional<LeaseRecord> read() throws Unanswered;

    /** Creates or replaces it, if it is still in the version that {@code next} bears. */
    Receipt write(LeaseRecord next);

    /**
     * Tells every change from now on, and how things stand first. May end by itself at any time.
     *
     * @param news called on some other thread
     */
    Watch watch(Consumer<News> news) throws Unanswered;

    /**
     * What a watch tells.
     *
     * @param record of a deleted one, as it was, in the version of its deletion
     */
    record News(LeaseRecord record, boolean isDeleted) {}

    @Override
    void close();

    /** What became of a write. */
    sealed interface Receipt {
        record Written(LeaseRecord record) implements Receipt {}

        /** Somebody else came first: the object is in another version, or gone, or there already. */
        record Refused() implements Receipt {}

        /** It may have been done or not. */
        record Unclear(String why) implements Receipt {}
    }

    /** A watch of the Lease. */
    interface Watch extends AutoCloseable {
        boolean isOpen();

        @Override
        void close();
    }

    /** The API server did not answer, or with an error. */
    final class Unanswered extends Exception {
        private static final long serialVersionUID = 1L;
        final String why;

        Unanswered(String why) {
            super(why);
            this.why = why;
        }
    }
}
