package dev.taskqueue.operator.engine;

import java.time.Duration;

/** Detects that somebody has set the wall clock: its distance from the monotonic clock has changed. Not thread-safe. */
public final class ClockStepDetector {
    /** Two readings may differ by this much although nobody has set the clock: they are not taken at exactly the same moment, and clocks drift. */
    private static final long TOLERANCE = Duration.ofMillis(20).toNanos();

    private long offset;
    private long lastMillis;

    public ClockStepDetector(ClockReading start) {
        offset = start.offset();
        lastMillis = start.millis();
    }

    /** What the wall clock showed at the last reading, in epoch milliseconds. */
    public long lastMillis() {
        return lastMillis;
    }

    /** By how many milliseconds the wall clock was set since the last reading; 0 if it was not. */
    public long since(ClockReading now) {
        long moved = millis(now.offset() - offset);
        lastMillis = now.millis();
        if (moved != 0) {
            offset = now.offset();
        }
        return moved;
    }

    /** By how many milliseconds the wall clock was set between two readings; 0 if it was not. */
    static long between(ClockReading first, ClockReading second) {
        return millis(second.offset() - first.offset());
    }

    private static long millis(long moved) {
        return Math.abs(moved) < TOLERANCE ? 0 : Math.round(moved / 1e6);
    }
}
