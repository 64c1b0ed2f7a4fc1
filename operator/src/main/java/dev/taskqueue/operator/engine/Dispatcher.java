package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Departure;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Port: the way to the worker. Every step is called on an attempt's own virtual thread and may block. */
public interface Dispatcher {

    /** Gathers all that a request needs, up to about a second before it is due. Nothing leaves the operator. */
    Preparation prepare(DeliveryId delivery, QueueId queue);

    /** Reads a {@link Preparation.Large large} request whole, right before it leaves. */
    default Preparation fetch(DeliveryId delivery, QueueId queue) {
        return prepare(delivery, queue);
    }

    /** What preparing a delivery came to. */
    sealed interface Preparation {
        /** It can be sent. */
        record Ready(PreparedRequest request) implements Preparation {}

        /**
         * Nothing stands in its way, but it is too large to wait for its turn here.
         *
         * @param size bytes of memory that it takes once it is fetched, about
         * @param whole the request, for where there is room for it right now; null where it has to be fetched
         */
        record Large(long size, @Nullable PreparedRequest whole) implements Preparation {}

        /** Something must change first. */
        record Blocked(Obstacle obstacle) implements Preparation {}

        /** The Task is no more; the watch tells the same in a moment. */
        record NoTask() implements Preparation {}
    }

    /** A request that is ready to leave. */
    interface PreparedRequest {
        /** The last look before it leaves: what has come to stand in its way since it was prepared. Does not block. */
        FinalCheck finalCheck();

        /** How long {@link Sendable#send} lasts at most. */
        Duration deadline();

        /** Bytes of memory that it takes from leaving until its outcome is written, about. */
        long size();
    }

    /** What the last look came to. */
    sealed interface FinalCheck {
        record Passed(Sendable request) implements FinalCheck {}

        /** Something must change first. */
        record Blocked(Obstacle obstacle) implements FinalCheck {}
    }

    /** A request that may leave now. */
    interface Sendable {
        /** Sends it, once, and waits for the answer. */
        Departure send(AttemptContext attempt);
    }
}
