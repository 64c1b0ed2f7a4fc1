package dev.taskqueue.operator.simulation.apiserver;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** The times that the server writes: whole seconds. */
final class Times {
    private Times() {}

    static Instant now(InstantSource clock) {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    static String text(InstantSource clock) {
        return now(clock).toString();
    }
}
