package dev.taskqueue.operator.engine;

import java.time.Duration;

/** Notices when somebody sets the wall clock: then the two clocks part. Not thread-safe. */
final class ClockStepDetector {
    /** Two looks at one moment may differ by this much without a step, and clocks drift. */
    private static final long TOLERANCE = Duration.ofMillis(20).toNanos();

    private long offset;

    ClockStepDetector(ClockReading start) {
        offset = start.offset();
    }

    /** By how many milliseconds the wall clock was moved since the last look; 0 where it was not. */
    long since(ClockReading now) {
        long moved = now.offset() - offset;
        if (Math.abs(moved) < TOLERANCE) {
            return 0;
        }
        offset = now.offset();
        return Math.round(moved / 1e6);
    }
}
