package dev.taskqueue.operator.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Something that happened in a run, as seen from outside. Facts are observed in the order of their times. */
public sealed interface Fact {
    /** When it happened, by the clock of the run. Processes may have other clocks. */
    Instant at();

    /** What a write did to an object. */
    enum Change {
        Created,
        Changed,
        Deleted
    }

    /**
     * The API server has stored a change, whether or not the writer got the answer.
     *
     * @param by the process that wrote, such as {@code op-a#2}; {@code people} for everybody else; empty if it is not known
     * @param kind such as {@code Task}
     * @param object the whole object after the change; a deleted one as it was last. Must not be changed
     * @param sentAt when the writer has sent the request; null if it is not known
     */
    record Stored(
            Instant at,
            String by,
            Change change,
            String kind,
            JsonNode object,
            @Nullable Instant sentAt) implements Fact {
        public Stored(Instant at, String by, Change change, String kind, JsonNode object) {
            this(at, by, change, kind, object, null);
        }
    }

    /** The API server has refused for good to create an object, as a policy does. */
    record Refused(Instant at, String kind, String namespace, String name) implements Fact {}

    /**
     * The API server has refused a write of an operator, for as long as a fault lasts.
     *
     * @param by the process that wrote
     * @param path of the object, without the query
     * @param code the status code, such as 409
     */
    record WriteRefused(Instant at, String by, String path, int code) implements Fact {}

    /**
     * A worker has received a whole request.
     *
     * @param by the process that sent it; empty if it is not known
     * @param senderTime the wall clock of the sender at that time; null if it is not known
     * @param id numbers the requests of a run; the same as in {@link Answered}
     * @param headers with names in lower case
     * @param bodyHash of the bytes of the body, by {@link java.util.Arrays#hashCode(byte[])}; null if it is not known
     */
    record Received(
            Instant at,
            String by,
            @Nullable Instant senderTime,
            long id,
            String method,
            String path,
            Map<String, String> headers,
            int bodySize,
            @Nullable Integer bodyHash)
            implements Fact {
        public Received(
                Instant at,
                String by,
                @Nullable Instant senderTime,
                long id,
                String method,
                String path,
                Map<String, String> headers,
                int bodySize) {
            this(at, by, senderTime, id, method, path, headers, bodySize, null);
        }
    }

    /**
     * A worker has ended its part of a request: it has sent its answer, or will never answer.
     *
     * @param code the status code; 0 if there was no answer
     * @param retryAfter what the header {@code Retry-After} asks for; zero if there is none, or if it is not known
     */
    record Answered(Instant at, long id, int code, Duration retryAfter) implements Fact {
        public Answered(Instant at, long id, int code) {
            this(at, id, code, Duration.ZERO);
        }
    }

    /** A process begins; it knows nothing. */
    record Started(Instant at, String process) implements Fact {}

    /** How a process ended. */
    enum End {
        /** Without any chance to finish something. */
        Crashed,
        /** After SIGTERM, within its grace period. */
        Stopped,
        /** By itself, because another process took the Lease. */
        LostLease
    }

    record Ended(Instant at, String process, End how) implements Fact {}

    /** SIGTERM was sent: from now on the process takes nothing new. */
    record Stopping(Instant at, String process) implements Fact {}

    /** From now on the process does nothing, and does not notice it. */
    record Frozen(Instant at, String process) implements Fact {}

    record Thawed(Instant at, String process) implements Fact {}

    /**
     * The wall clock of a process was set.
     *
     * @param offset how far it is ahead of the clock of the run from now on
     */
    record ClockSet(Instant at, String process, Duration offset) implements Fact {}

    /**
     * A fault begins. A crash is an {@link Ended}, not a fault.
     *
     * @param namespace the only namespace that it concerns; empty = all
     */
    record FaultBegan(Instant at, String fault, String namespace) implements Fact {}

    record FaultEnded(Instant at, String fault) implements Fact {}

    /**
     * What a process holds in memory at this time.
     *
     * @param sizes how much each named pool and map holds, such as {@code pool:requests} or {@code tasks}
     */
    record Holds(Instant at, String process, Map<String, Long> sizes) implements Fact {}
}
