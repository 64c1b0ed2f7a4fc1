package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TraceContext;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Port: hears what happens to deliveries. It is called on the threads on which that happens, also under a lane's lock: it must be quick and never
 * block.
 */
public interface Listener {
    /**
     * The {@link DeliveryStatus} of the delivery has changed. The status itself is not passed on: a listener asks the engine when it wants to use it,
     * so that several changes count as one.
     */
    default void statusChanged(DeliveryId delivery) {}

    /** A request leaves, {@code lateness} after its due time. */
    default void departed(QueueId queue, Duration lateness) {}

    /**
     * An attempt has ended. It is also called for one of an earlier process that was interrupted.
     *
     * @param trace computes the place of the attempt in a trace; null if it is not known
     */
    default void attempted(
            AttemptContext attempt, Outcome outcome, Duration took, Supplier<@Nullable TraceContext> trace) {}

    /** Deliveries that did not exist before have come in: a Task, or the items of a TaskBatch. Only the leader hears it. */
    default void created(QueueId queue, int deliveries) {}

    /** Dead letters were created for deliveries of the queue. */
    default void deadLettered(QueueId queue, int letters) {}

    /** The end of a delivery is written. */
    default void finished(DeliveryKey delivery, QueueId queue, Ending ending) {}
}
