package dev.taskqueue.operator.kube;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Pauses between tries: each is twice as long as the one before, up to a limit. For one thread. */
public final class Backoff {
    private final Duration longest;
    private Duration next;

    /** How a thread waits. Measured by the monotonic clock, so that a step of the wall clock changes nothing. */
    public interface Sleeper {
        Sleeper SYSTEM = pause -> TimeUnit.NANOSECONDS.sleep(pause.toNanos());

        void sleep(Duration pause) throws InterruptedException;
    }

    public Backoff(Duration first, Duration longest) {
        this.next = first;
        this.longest = longest;
    }

    /** The next pause; it is longer where that is asked for. */
    public Duration next(Duration atLeast) {
        Duration pause = longer(next, atLeast);
        Duration doubled = next.multipliedBy(2);
        next = doubled.compareTo(longest) > 0 ? longest : doubled;
        return pause;
    }

    /**
     * Blocks for the next pause.
     *
     * @return false where the thread is asked to end
     */
    public boolean rest(Duration atLeast, Sleeper sleeper) {
        try {
            sleeper.sleep(next(atLeast));
            return true;
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
