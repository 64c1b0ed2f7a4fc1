package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.util.Optional;

/** Port: the way to the worker. Both steps are called on an attempt's own virtual thread and may block. */
public interface Dispatcher {

    /** Gathers all that a request needs, up to about a second before it is due. Nothing leaves the operator. */
    Preparation prepare(DeliveryId delivery, QueueId queue);

    /** What preparing a delivery came to. */
    sealed interface Preparation {
        /** It can be sent. */
        record Ready(Shipment shipment) implements Preparation {}

        /** Something must change first. */
        record Blocked(Obstacle obstacle) implements Preparation {}

        /** The Task is no more; the watch tells the same in a moment. */
        record Gone() implements Preparation {}
    }

    /** A delivery ready to leave. */
    interface Shipment {
        /** The last look before it leaves: what has come to stand in its way since it was prepared. */
        Optional<Obstacle> obstacle();

        /** Sends it, once, and waits for the answer. */
        Outcome send(Attempt attempt);

        /** How long {@link #send} lasts at most. */
        Duration deadline();

        /** Bytes of memory that it takes from leaving until its outcome is written, about. */
        long size();
    }
}
