package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.task.RedriveRequest;
import dev.taskqueue.operator.task.TaskObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is to be done because the state of a Task has changed. A {@link TaskEffectHandler} does it. */
public sealed interface TaskEffect {
    /** Offer the Task to the engine. */
    record Offer(TaskObject object) implements TaskEffect {}

    /** Cancel its delivery. */
    record Cancel() implements TaskEffect {}

    /** Forget its delivery, which has ended: the engine knows that, or is about to learn it. */
    record Release() implements TaskEffect {}

    /**
     * Send it now, because a person requested that.
     *
     * @param attempts how many attempts had ended according to status at the time of the request
     */
    record RunNow(int attempts) implements TaskEffect {}

    /**
     * Retain it as a finished Task.
     *
     * @param at when it ended; null if that is not known
     */
    record Retain(boolean success, @Nullable Instant at) implements TaskEffect {}

    /** Stop retaining it. */
    record Unretain() implements TaskEffect {}

    /** Apply other rules of retention, because Git, Helm or kubectl apply began or ceased to manage it. */
    record Reclassify() implements TaskEffect {}

    /** Redrive it. */
    record StartRedrive(RedriveRequest request) implements TaskEffect {}
}
