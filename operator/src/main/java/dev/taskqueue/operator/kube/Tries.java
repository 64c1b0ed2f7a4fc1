package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.domain.TaskId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How writes that must get through are tried again: after pauses that grow, and with a line in the log now and then that speaks for all of
 * them. While the API server is away every one of them waits.
 */
final class Tries {
    private static final Logger LOG = LoggerFactory.getLogger(Tries.class);
    /** However long the API server asks us to stay away. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final InstantSource wall;
    private final String what;
    private final AtomicLong warnedAt = new AtomicLong();

    /** @param what begins the line in the log, such as {@code Outcomes are not written yet} */
    Tries(InstantSource wall, String what) {
        this.wall = wall;
        this.what = what;
    }

    Series of(TaskId task) {
        return new Series(task);
    }

    /** The tries of one write, on one thread. */
    final class Series {
        private final TaskId task;
        private final GrowingPause pause = new GrowingPause();

        private Series(TaskId task) {
            this.task = task;
        }

        /**
         * Waits until the next try; returns false where the thread is asked to end instead.
         *
         * @param atLeast what the API server has asked for
         */
        boolean again(String why, Duration atLeast) {
            warn(task, why);
            return pause.rest(atLeast.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : atLeast);
        }
    }

    private void warn(TaskId task, String why) {
        long now = wall.millis();
        long last = warnedAt.get();
        if (now - last >= GrowingPause.LONGEST.toMillis() && warnedAt.compareAndSet(last, now)) {
            LOG.warn("{}, that of Task {} among them: {}", what, task, why);
        }
    }
}
