package dev.taskqueue.operator.lease;

import dev.taskqueue.operator.engine.Clock;
import java.time.Duration;
import java.time.Instant;

/** Two clocks that move when a test says so, also one without the other. */
final class TestingTime {
    private Instant wall = Instant.parse("2026-11-21T09:00:00Z");
    private long nanos = -1_000_000;

    Clock clock() {
        return new Clock(() -> wall, () -> nanos);
    }

    void pass(Duration time) {
        nanos += time.toNanos();
        wall = wall.plus(time);
    }

    /** As when the machine slept: the monotonic clock did not notice. */
    void jump(Duration time) {
        wall = wall.plus(time);
    }

    Instant instant() {
        return wall;
    }

    long nanos() {
        return nanos;
    }
}
