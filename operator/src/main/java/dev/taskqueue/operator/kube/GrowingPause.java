package dev.taskqueue.operator.kube;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The pauses between tries of one write: each twice as long as the one before, up to a limit. Of one thread. */
final class GrowingPause {
    static final Duration LONGEST = Duration.ofSeconds(5);
    private static final Duration FIRST = Duration.ofMillis(50);

    private Duration next = FIRST;

    /**
     * Blocks for the next pause, or for longer where that is asked for.
     *
     * @return false where the thread is to end
     */
    boolean rest(Duration atLeast) {
        Duration pause = next.compareTo(atLeast) >= 0 ? next : atLeast;
        Duration doubled = next.multipliedBy(2);
        next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
        try {
            TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            return true;
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
