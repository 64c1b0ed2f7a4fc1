package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.domain.Backoff;
import dev.taskqueue.operator.domain.Sleeper;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;

/** The pauses of a reflector that gets no answer. Each is twice as long as the one before, up to a limit; up to half of it is left out at random. */
public final class ReflectorBackoff {
    private static final Duration FIRST = Duration.ofMillis(200);
    private static final Duration LONGEST = Duration.ofSeconds(2);

    private final Backoff pauses;
    private final RandomGenerator random;
    private final Sleeper sleeper;
    private final Semaphore wakeUps = new Semaphore(0);
    private volatile boolean resting;

    public ReflectorBackoff(RandomGenerator random, Sleeper sleeper) {
        this(FIRST, LONGEST, random, sleeper);
    }

    public ReflectorBackoff(Duration first, Duration longest, RandomGenerator random, Sleeper sleeper) {
        this.pauses = new Backoff(first, longest);
        this.random = random;
        this.sleeper = sleeper;
    }

    /** How the thread of the reflector waits. */
    Sleeper sleeper() {
        return sleeper;
    }

    /** The API server has answered, so the next pause is a short one. */
    void reset() {
        pauses.reset();
    }

    /** The longest that the next pause may be. */
    Duration next() {
        return pauses.peek();
    }

    void grow() {
        pauses.next();
    }

    /** Sleeps for the next pause, or until {@link #wake} is called. */
    void rest() {
        Duration pause = pauses.next();
        wakeUps.drainPermits();
        resting = true;
        try {
            long nanos = (long) (pause.toNanos() * (0.5 + random.nextDouble() / 2));
            if (sleeper.acquire(wakeUps, Duration.ofNanos(nanos))) {
                reset();
            }
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        } finally {
            resting = false;
        }
    }

    /** Ends the pause, from any thread: the API server answers others, so the reflector should ask it again at once. */
    void wake() {
        if (resting) {
            wakeUps.release();
        }
    }
}
