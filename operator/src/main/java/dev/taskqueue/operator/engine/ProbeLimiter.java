package dev.taskqueue.operator.engine;

import java.time.Duration;

/**
 * Limits the probes that a lane sends because time has passed: how many are out at once, and how many begin in a second. Each costs requests to
 * the API server.
 */
final class ProbeLimiter {
    private static final int MOST_OUT = 8;
    private static final int BURST = 8;
    private static final long INTERVAL = Duration.ofSeconds(1).toNanos() / 50;

    private int out;
    private boolean hasBegun;
    /** The next probe does not begin before this; monotonic nanoseconds. */
    private long nextAt;

    /** Begins a probe if it may begin now. Returns whether it does. */
    boolean tryBegin(long now) {
        if (next(now) > now) {
            return false;
        }
        long earliest = now - (BURST - 1) * INTERVAL;
        nextAt = (hasBegun ? Math.max(nextAt, earliest) : earliest) + INTERVAL;
        hasBegun = true;
        out++;
        return true;
    }

    void end() {
        out--;
    }

    int out() {
        return out;
    }

    /** When a probe that is due at {@code at} may begin; {@link Long#MAX_VALUE} if another one must end first. */
    long next(long at) {
        if (out >= MOST_OUT) {
            return Long.MAX_VALUE;
        }
        return hasBegun ? Math.max(at, nextAt) : at;
    }
}
