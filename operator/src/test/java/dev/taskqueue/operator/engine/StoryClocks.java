package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.simulation.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The clocks of a story. They show its virtual time, and the wall clock can be set. */
final class StoryClocks implements InstantSource {
    static final Instant START = Instant.parse("2026-11-21T09:00:00Z");
    /** Monotonic clocks may begin at any value. This clock passes zero during the story. */
    private static final long FIRST_NANOS = Duration.ofSeconds(-3).toNanos();

    private final VirtualTime time;
    private Duration set = Duration.ZERO;

    StoryClocks(VirtualTime time) {
        this.time = time;
    }

    @Override
    public Instant instant() {
        return START.plus(time.passed()).plus(set);
    }

    Clocks clocks() {
        return new Clocks(this, () -> FIRST_NANOS + time.passed().toNanos());
    }

    /** Somebody sets the wall clock. */
    void step(Duration by) {
        set = set.plus(by);
    }

    /** Reads a time like {@code 1m30s}, counted from the story's beginning; {@code -1h} lies before it. */
    static Duration offset(String text) {
        return text.startsWith("-") ? Durations.parse(text.substring(1)).negated() : Durations.parse(text);
    }

    static Instant instant(String offset) {
        return START.plus(offset(offset));
    }

    /** Writes a time in the same form. */
    static String text(Instant instant) {
        return Durations.format(Duration.between(START, instant));
    }
}
