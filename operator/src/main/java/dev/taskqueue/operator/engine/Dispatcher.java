package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Departure;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TraceContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Port: sends requests to the workers. Every step is called on a virtual thread of its own and may block. */
public interface Dispatcher {

    /** Gathers everything that a request needs, about a second before it is due. Nothing leaves the operator. */
    Preparation prepare(DeliveryId delivery, QueueId queue);

    /** Reads the whole content of a {@link Preparation.Large large} request, right before it leaves. */
    default Preparation fetch(DeliveryId delivery, QueueId queue) {
        return prepare(delivery, queue);
    }

    /** The result of preparing a delivery. */
    sealed interface Preparation {
        /** It can be sent. */
        record Ready(PreparedRequest request) implements Preparation {}

        /**
         * It has no obstacle, but it is too large to wait for its turn in memory.
         *
         * @param size about how many bytes of memory it takes once it is fetched
         * @param whole the request, to be used if there is room for it right now; null if it has to be fetched
         */
        record Large(long size, @Nullable PreparedRequest whole) implements Preparation {}

        /** An obstacle must go first. */
        record Blocked(Obstacle obstacle) implements Preparation {}

        /** The Task does not exist any more. The watch will report that in a moment. */
        record NoTask() implements Preparation {}
    }

    /** A request with everything that it needs. */
    interface PreparedRequest {
        /** Checks, right before it leaves, whether an obstacle has come up since it was prepared. Does not block. */
        FinalCheck finalCheck();

        /** The longest time that {@link Sendable#send} takes. */
        Duration deadline();

        /** About how many bytes of memory it takes, from its departure until its outcome is written. */
        long size();
    }

    /** The result of the final check. */
    sealed interface FinalCheck {
        /** It may leave. */
        record Passed(Sendable request) implements FinalCheck {}

        /** An obstacle must go first. */
        record Blocked(Obstacle obstacle) implements FinalCheck {}
    }

    /** A request that may leave now. */
    interface Sendable {
        /** Sends it, once, and waits for the answer. */
        Departure send(AttemptContext attempt);

        /** The place of the attempt in the trace that the handler sees; null if it is not known. */
        default @Nullable TraceContext trace(AttemptContext attempt) {
            return null;
        }
    }
}
