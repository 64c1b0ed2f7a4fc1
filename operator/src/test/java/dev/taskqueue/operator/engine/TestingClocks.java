package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Durations;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Both clocks of a story. They stand still until they are moved; only the wall clock can be set. */
final class TestingClocks implements InstantSource {
    static final Instant START = Instant.parse("2026-11-21T09:00:00Z");
    /** Monotonic clocks may begin anywhere; this one crosses zero on the way. */
    private static final long FIRST_NANOS = Duration.ofSeconds(-3).toNanos();

    private Duration passed = Duration.ZERO;
    private Duration set = Duration.ZERO;

    @Override
    public Instant instant() {
        return START.plus(passed).plus(set);
    }

    Clocks clock() {
        return new Clocks(this, () -> FIRST_NANOS + passed.toNanos());
    }

    /** Somebody sets the wall clock. */
    void step(Duration by) {
        set = set.plus(by);
    }

    Duration passed() {
        return passed;
    }

    void moveTo(Duration later) {
        if (later.compareTo(passed) > 0) {
            passed = later;
        }
    }

    /** Of {@code 1m30s}, counted from the story's beginning; {@code -1h} lies before it. */
    static Duration offset(String text) {
        return text.startsWith("-") ? Durations.parse(text.substring(1)).negated() : Durations.parse(text);
    }

    static Instant instant(String offset) {
        return START.plus(offset(offset));
    }

    /** As a story writes it. */
    static String text(Instant instant) {
        return Durations.format(Duration.between(START, instant));
    }
}
