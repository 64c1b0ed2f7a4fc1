package dev.taskqueue.operator.domain;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Lets a thread wait for a time. It measures by the monotonic clock, so a step of the wall clock changes nothing. */
public interface Sleeper {
    Sleeper SYSTEM = pause -> TimeUnit.NANOSECONDS.sleep(pause.toNanos());

    void sleep(Duration pause) throws InterruptedException;

    /**
     * Waits for a permit and takes it.
     *
     * @return false if the time was over first
     */
    default boolean acquire(Semaphore permits, Duration atMost) throws InterruptedException {
        return permits.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Sleeps, and keeps an interrupt for the caller.
     *
     * @return false if the thread was interrupted and is to end
     */
    default boolean rest(Duration pause) {
        try {
            sleep(pause);
            return true;
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Sleeps on a thread that nobody interrupts. */
    default void pause(Duration pause) {
        try {
            sleep(pause);
        } catch (InterruptedException interrupt) {
            throw new IllegalStateException("interrupted while waiting", interrupt);
        }
    }
}
