package dev.taskqueue.operator.engine;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoField;
import java.util.function.LongSupplier;

/**
 * The two clocks.
 *
 * @param wall the clock that schedule times are compared with
 * @param monotonic nanoseconds that never jump: the clock that token buckets and pauses are measured with
 */
public record Clocks(InstantSource wall, LongSupplier monotonic) {
    /** The clocks of the machine. */
    public static Clocks system() {
        return new Clocks(InstantSource.system(), System::nanoTime);
    }

    /** The monotonic clock as an instant without a date: for pauses, which nobody may shorten or stretch by setting the wall clock. */
    public Instant steady() {
        return Instant.EPOCH.plusNanos(nanos());
    }

    public Instant instant() {
        return wall.instant();
    }

    /** Both clocks at the same moment. */
    public ClockReading now() {
        Instant instant = instant();
        return new ClockReading(instant.toEpochMilli(), instant.get(ChronoField.NANO_OF_SECOND) % 1_000_000, nanos());
    }

    long millis() {
        return wall.millis();
    }

    public long nanos() {
        return monotonic.getAsLong();
    }
}
