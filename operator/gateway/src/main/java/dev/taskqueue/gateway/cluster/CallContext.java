package dev.taskqueue.gateway.cluster;

import com.google.rpc.Code;
import dev.taskqueue.gateway.failure.RpcFailure;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * One call of a client: who makes it, and until when it must be answered.
 *
 * @param deadline by {@link System#nanoTime}
 * @param cancelled says whether the client does not wait for the answer any more
 */
public record CallContext(Caller caller, long deadline, BooleanSupplier cancelled) {
    /** A call that may take this long from now on, of a client that waits. */
    public static CallContext within(Caller caller, Duration timeout) {
        return within(caller, timeout, () -> false);
    }

    /** A call that may take this long from now on. */
    public static CallContext within(Caller caller, Duration timeout, BooleanSupplier cancelled) {
        return new CallContext(caller, System.nanoTime() + timeout.toNanos(), cancelled);
    }

    /** The same call on behalf of the gateway itself. */
    public CallContext own() {
        return new CallContext(Caller.OWN, deadline, cancelled);
    }

    /** Whether nobody waits for the answer any more. */
    public boolean isOver() {
        return deadline - System.nanoTime() <= 0 || cancelled.getAsBoolean();
    }

    /** The time that is left; fails the call if there is none. */
    public Duration remaining() {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw late();
        }
        return Duration.ofNanos(left);
    }

    /** The failure of a call that was not answered in time. */
    public static RpcFailure late() {
        return RpcFailure.of(Code.DEADLINE_EXCEEDED, "The deadline of the call is over.");
    }
}
