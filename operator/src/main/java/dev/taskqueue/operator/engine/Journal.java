package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.QueueId;
import java.time.Instant;

/** Port: writes outcomes and ends. There is no other way out of the engine. An outcome is durable once this returns {@link Receipt.Written}. */
public interface Journal {

    /** Writes, and tries again until the write is acknowledged or does not matter any more. Blocks its virtual thread. */
    Receipt write(DeliveryId delivery, QueueId queue, Entry entry);

    /**
     * Saves an end that the API server has refused to write, since this process stops now. The next process must not send the Task again. This is
     * not always possible. Blocks its thread.
     */
    default void saveUnwritten(DeliveryId delivery, Entry.Finished end) {}

    /** The content of a write; {@code history} includes the attempt that has just ended. */
    sealed interface Entry {
        AttemptHistory history();

        /** The Task has ended. */
        record Finished(AttemptHistory history, Ending ending, Instant at) implements Entry {}

        /** An attempt has failed, and the next one is due at {@code nextAt}. */
        record BackingOff(AttemptHistory history, Instant nextAt) implements Entry {}
    }

    /** The result of a write. */
    sealed interface Receipt {
        /** It is in the Task's status. */
        record Written() implements Receipt {}

        /** The Task object was deleted, or is in another round. Nobody waits for the outcome. */
        record TaskDeleted() implements Receipt {}

        /** This process may not write any more. Its successor decides. */
        record Fenced() implements Receipt {}

        /** The API server refuses this write, and will refuse it until something has changed. */
        record WriteRefused(String why) implements Receipt {}
    }
}
