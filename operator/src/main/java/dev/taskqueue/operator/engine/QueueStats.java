package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of one queue at one moment.
 *
 * @param scheduled first attempt not yet due
 * @param queued due, and waiting for their turn or for the end of an obstacle
 * @param dispatching in flight, or with an outcome that is not written yet
 * @param backingOff retry not yet due
 * @param oldestDueAt the earliest due time of those that are not in flight; null if there is none
 * @param executedLastMinute attempts that ended in the last 60 s
 * @param enforcedPerSecond the dispatch rate in force; 0 if the queue does not exist
 * @param waiting how many of {@code queued} wait for an obstacle, by its reason
 */
public record QueueStats(
        int scheduled,
        int queued,
        int dispatching,
        int backingOff,
        @Nullable Instant oldestDueAt,
        int executedLastMinute,
        double enforcedPerSecond,
        Map<Obstacle.Reason, Integer> waiting) {

    public int tasks() {
        return scheduled + queued + dispatching + backingOff;
    }
}
