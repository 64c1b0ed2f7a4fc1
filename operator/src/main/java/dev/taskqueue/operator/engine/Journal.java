package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Progress;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import java.time.Instant;

/** Port: the one exit. What came of a Task is lasting once this returns {@link Receipt#WRITTEN}. */
public interface Journal {

    /** Writes, and tries again until the write is acknowledged or cannot matter any more. Blocks its virtual thread. */
    Receipt write(TaskId task, QueueId queue, Entry entry);

    /** What is to be written; {@code progress} is what the Task has behind it by now. */
    sealed interface Entry {
        Progress progress();

        /** The Task has ended. */
        record Finished(Progress progress, Ending ending, Instant at) implements Entry {}

        /** An attempt failed and the next one is due at {@code nextAt}. */
        record BackingOff(Progress progress, Instant nextAt) implements Entry {}
    }

    /** What became of a write. */
    enum Receipt {
        WRITTEN,
        /** The Task object is gone, so nobody waits for the outcome. */
        GONE,
        /** This process may not write any more; its successor decides. */
        FENCED
    }
}
