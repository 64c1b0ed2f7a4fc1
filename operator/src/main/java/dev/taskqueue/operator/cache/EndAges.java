package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.engine.Clocks;
import java.time.Duration;
import java.time.Instant;

/**
 * Says how long ago a time of the wall clock was. Somebody may set that clock between the end of an object and the moment at which this process hears
 * that the end is written, so a time that the clock can only have shown before it was set counts by the former clock. Not thread-safe.
 */
final class EndAges {
    /** Two clocks that are read one after the other may seem to differ by this much. */
    private static final Duration TOLERANCE = Duration.ofMillis(20);
    /** The former clock counts for this time: the write of an end takes seconds. Later, such times are those of other machines. */
    private static final Duration MEMORY = Duration.ofMinutes(1);

    private final Clocks clocks;
    /** How far the wall clock is ahead of the monotonic one. */
    private Duration offset;
    /** By how much the wall clock was set forward last; negative if it was set back. */
    private Duration step = Duration.ZERO;
    /** The first time that the wall clock can have shown since it was set. */
    private Instant setTo = Instant.MIN;

    /** When the clocks were last compared, by the monotonic one. */
    private Instant comparedAt;

    private Instant noticedAt = Instant.MIN;

    EndAges(Clocks clocks) {
        this.clocks = clocks;
        this.comparedAt = clocks.steady();
        this.offset = Duration.between(comparedAt, clocks.instant());
    }

    /** Notices whether somebody has set the wall clock. To be called every second or so. */
    void compareClocks() {
        Instant steady = clocks.steady();
        Instant wall = clocks.instant();
        Duration now = Duration.between(steady, wall);
        Duration moved = now.minus(offset);
        if (moved.abs().compareTo(TOLERANCE) >= 0) {
            step = moved;
            offset = now;
            setTo = wall.minus(Duration.between(comparedAt, steady));
            noticedAt = steady;
        }
        comparedAt = steady;
    }

    /** How long ago it was. A time in the future counts as now: nothing has ended later. */
    Duration since(Instant time) {
        compareClocks();
        Instant wall = clocks.instant();
        Duration age = Duration.between(time, wall);
        boolean isRecent = noticedAt.isAfter(comparedAt.minus(MEMORY));
        if (isRecent && (time.isBefore(setTo) || time.isAfter(wall))) {
            age = age.minus(step);
        }
        return age.isNegative() ? Duration.ZERO : age;
    }
}
