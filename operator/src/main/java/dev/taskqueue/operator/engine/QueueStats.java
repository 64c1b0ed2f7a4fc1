package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One queue at one moment.
 *
 * @param scheduled first attempt not yet due
 * @param queued due, waiting for their turn or for an obstacle to go
 * @param dispatching in flight, or their outcome not yet written
 * @param backingOff retry not yet due
 * @param oldestDueAt when the first one of those that are not in flight is or was due; null where there is none
 * @param executedLastMinute attempts that ended in the last 60 s
 * @param enforcedPerSecond the dispatch rate in force; 0 where the queue does not exist
 * @param waiting how many of {@code queued} each obstacle keeps
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
