package dev.taskqueue.operator.campaign;

import java.time.Duration;

/**
 * Measures how late threads of this process run although they could. On a machine that is not free, a worker's thread notes a request as late as that, and an
 * operator sends one as late after it has decided to.
 */
final class RecorderDelay implements AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(50);

    private final Thread thread = Thread.ofVirtual().name("recorder-delay").start(this::run);
    private volatile Duration longest = Duration.ZERO;

    /** The longest delay so far. */
    Duration longest() {
        return longest;
    }

    private void run() {
        try {
            while (true) {
                long due = System.nanoTime() + TICK.toNanos();
                Thread.sleep(TICK);
                Duration late = Duration.ofNanos(System.nanoTime() - due);
                longest = late.compareTo(longest) > 0 ? late : longest;
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
