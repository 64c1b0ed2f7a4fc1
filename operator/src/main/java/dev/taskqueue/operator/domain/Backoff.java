package dev.taskqueue.operator.domain;

import java.time.Duration;

/** Computes the pauses between tries: each is twice as long as the one before, up to a limit. For one thread. */
public final class Backoff {
    private final Duration first;
    private final Duration longest;
    private Duration next;

    public Backoff(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
        this.next = first;
    }

    /** The next pause. */
    public Duration next() {
        Duration pause = next;
        next = Duration.ofNanos(doubled(pause.toNanos(), longest.toNanos()));
        return pause;
    }

    /** The next pause, or a longer one if that is asked for. */
    public Duration next(Duration atLeast) {
        Duration pause = next();
        return pause.compareTo(atLeast) >= 0 ? pause : atLeast;
    }

    /** How long the next pause will be. */
    public Duration peek() {
        return next;
    }

    /** The next pause is the first one again. */
    public void reset() {
        next = first;
    }

    /** The pause after this one. All in nanoseconds, for those who keep many pauses. */
    public static long doubled(long pause, long longest) {
        return Math.min(longest, pause * 2);
    }
}
