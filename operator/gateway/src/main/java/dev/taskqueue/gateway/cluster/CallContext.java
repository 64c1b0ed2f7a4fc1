package dev.taskqueue.gateway.cluster;

import com.google.rpc.Code;
import dev.taskqueue.gateway.failure.RpcFailure;
import java.time.Duration;

/**
 * One call of a client: who makes it, and until when it must be answered.
 *
 * @param deadline by {@link System#nanoTime}
 */
public record CallContext(Caller caller, long deadline) {
    /** A call that may take this long from now on. */
    public static CallContext within(Caller caller, Duration timeout) {
        return new CallContext(caller, System.nanoTime() + timeout.toNanos());
    }

    /** The same call on behalf of the gateway itself. */
    public CallContext own() {
        return new CallContext(Caller.OWN, deadline);
    }

    /** The time that is left; fails the call if there is none. */
    public Duration remaining() {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw RpcFailure.of(Code.DEADLINE_EXCEEDED, "The deadline of the call is over.");
        }
        return Duration.ofNanos(left);
    }
}
