package dev.taskqueue.operator.engine;

import java.time.Duration;

/**
 * Both clocks, read at the same moment.
 *
 * @param millis of the wall clock, since the epoch, rounded down
 * @param fraction nanoseconds of the wall clock beyond {@code millis}
 * @param nanos of the monotonic clock
 */
public record ClockReading(long millis, int fraction, long nanos) {
    private static final long NANOS_PER_MILLI = 1_000_000;
    /** The longest wait. A lane that waits for longer looks again after this. */
    private static final long LONGEST_WAIT_MILLIS = Duration.ofDays(365).toMillis();

    /** How many nanoseconds are left until a time of the wall clock, in epoch milliseconds; 0 if it has come. */
    long until(long epochMillis) {
        if (epochMillis <= millis) {
            return 0;
        }
        return Math.min(epochMillis - millis, LONGEST_WAIT_MILLIS) * NANOS_PER_MILLI - fraction;
    }

    /** How far the wall clock is ahead of the monotonic one, in nanoseconds. It changes only when somebody sets the wall clock. */
    long offset() {
        return millis * NANOS_PER_MILLI + fraction - nanos;
    }
}
