package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;

/** Port: who counts what happens. Called on the engine's threads: be quick, never block. */
public interface Listener {
    /** The delivery waits, or has left: its {@link DeliveryStatus} has changed. Asked again later, the engine tells what it is by then. */
    default void statusChanged(DeliveryId delivery) {}

    /** A request leaves, {@code lateness} after it was due. */
    default void departed(QueueId queue, Duration lateness) {}

    /** A request ended. */
    default void attempted(QueueId queue, Outcome outcome, Duration took) {}

    /** A Task's end is written. */
    default void finished(QueueId queue, Ending ending) {}
}
