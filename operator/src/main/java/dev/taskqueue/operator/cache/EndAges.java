package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.engine.ClockReading;
import dev.taskqueue.operator.engine.ClockStepDetector;
import dev.taskqueue.operator.engine.Clocks;
import java.time.Duration;
import java.time.Instant;

/**
 * Says how long ago a time of the wall clock was. Somebody may set that clock between the end of an object and the moment at which this process hears
 * that the end is written, so a time that the clock can only have shown before it was set counts by the former clock. Not thread-safe.
 */
final class EndAges {
    /** The former clock counts for this time: the write of an end takes seconds. Later, such times are those of other machines. */
    private static final long MEMORY = Duration.ofMinutes(1).toNanos();

    private final Clocks clocks;
    private final ClockStepDetector steps;
    /** By how many milliseconds the wall clock was set forward last; negative if it was set back, 0 if it was not set. */
    private long step;
    /** The first time that the wall clock can have shown since it was set. */
    private Instant setTo = Instant.MIN;
    /** When that was noticed, by the monotonic clock. */
    private long noticedAt;

    EndAges(Clocks clocks) {
        this.clocks = clocks;
        this.steps = new ClockStepDetector(clocks.now());
    }

    /** Notices whether somebody has set the wall clock. To be called every second or so. */
    void compareClocks() {
        ClockReading now = clocks.now();
        long last = steps.lastMillis();
        long moved = steps.since(now);
        if (moved != 0) {
            step = moved;
            setTo = Instant.ofEpochMilli(last + moved);
            noticedAt = now.nanos();
        }
    }

    /** How long ago it was. A time in the future counts as now: nothing has ended later. */
    Duration since(Instant time) {
        compareClocks();
        Instant wall = clocks.instant();
        Duration age = Duration.between(time, wall);
        boolean isRecent = step != 0 && clocks.nanos() - noticedAt < MEMORY;
        if (isRecent && (time.isBefore(setTo) || time.isAfter(wall))) {
            age = age.minusMillis(step);
        }
        return age.isNegative() ? Duration.ZERO : age;
    }
}
