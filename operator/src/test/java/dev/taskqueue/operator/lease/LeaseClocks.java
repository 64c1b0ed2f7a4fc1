package dev.taskqueue.operator.lease;

import dev.taskqueue.operator.engine.Clocks;
import java.time.Duration;
import java.time.Instant;

/** Two clocks that move when a test says so, together or separately. */
final class LeaseClocks {
    private Instant wall = Instant.parse("2026-11-21T09:00:00Z");
    private long nanos = -1_000_000;

    Clocks clock() {
        return new Clocks(() -> wall, () -> nanos);
    }

    void pass(Duration time) {
        nanos += time.toNanos();
        wall = wall.plus(time);
    }

    /** Moves only the wall clock, as when the machine slept: the monotonic clock did not notice. */
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
