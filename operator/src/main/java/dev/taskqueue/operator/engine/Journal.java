package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.QueueId;
import java.time.Instant;

/** Port: the one exit. What came of a Task is lasting once this returns {@link Receipt.Written}. */
public interface Journal {

    /** Writes, and tries again until the write is acknowledged or cannot matter any more. Blocks its virtual thread. */
    Receipt write(DeliveryId delivery, QueueId queue, Entry entry);

    /**
     * This process ends, and the API server has refused this end: saves what keeps the next process from sending the Task again, where that is
     * possible. Blocks its thread.
     */
    default void saveUnwritten(DeliveryId delivery, Entry.Finished end) {}

    /** What is to be written; {@code history} is what the Task has behind it by now. */
    sealed interface Entry {
        AttemptHistory history();

        /** The Task has ended. */
        record Finished(AttemptHistory history, Ending ending, Instant at) implements Entry {}

        /** An attempt failed and the next one is due at {@code nextAt}. */
        record BackingOff(AttemptHistory history, Instant nextAt) implements Entry {}
    }

    /** What became of a write. */
    sealed interface Receipt {
        /** It is in the Task's status. */
        record Written() implements Receipt {}

        /** The Task object is gone, or of another round, so nobody waits for the outcome. */
        record TaskDeleted() implements Receipt {}

        /** This process may not write any more; its successor decides. */
        record Fenced() implements Receipt {}

        /** The API server refuses this write for good, and may take it once something has changed. */
        record WriteRefused(String why) implements Receipt {}
    }
}
