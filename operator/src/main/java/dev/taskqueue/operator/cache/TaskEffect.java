package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.task.TaskObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is to be done because a Task's state has changed; done in order, under the record's monitor, without any request. */
public sealed interface TaskEffect {
    /** A delivery of the Task begins. */
    record Offer(TaskObject object) implements TaskEffect {}

    /** Its delivery is given up. */
    record Cancel() implements TaskEffect {}

    /** Its delivery is over, as the engine knows or is about to learn. */
    record Release() implements TaskEffect {}

    /**
     * A person wants it sent now.
     *
     * @param attempts how many attempts status said were over when that was asked for
     */
    record RunNow(int attempts) implements TaskEffect {}

    /**
     * It is retained as a finished Task.
     *
     * @param at when it ended; null where nobody says so
     */
    record Retain(boolean success, @Nullable Instant at) implements TaskEffect {}

    /** It is retained no longer. */
    record Unretain() implements TaskEffect {}

    /** Its mark of Git, Helm or kubectl apply came or went while it is retained. */
    record Reclassify() implements TaskEffect {}

    /** It is to be started again. */
    record StartRedrive(@Nullable String value) implements TaskEffect {}
}
