package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Obstacle;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of one queue at one moment.
 *
 * @param scheduled first attempt not yet due
 * @param queued due and waiting for their turn, or waiting for the end of an obstacle, due or not: as the status of these Tasks says
 * @param dispatching in flight, or with an outcome that is not written yet
 * @param backingOff retry not yet due
 * @param oldestDueAt the earliest due time of those that are due and not in flight; null if there is none
 * @param executedLastMinute attempts that ended in the last 60 s
 * @param enforcedPerSecond the dispatch rate in force; 0 if the queue does not exist
 * @param waiting how many of {@code queued} wait for an obstacle, by its reason
 * @param example one of those that wait for the commonest obstacle; null if nothing waits
 * @param dueHours when {@code scheduled} and {@code backingOff} are due
 */
public record QueueStats(
        int scheduled,
        int queued,
        int dispatching,
        int backingOff,
        @Nullable Instant oldestDueAt,
        int executedLastMinute,
        double enforcedPerSecond,
        Map<Obstacle.Reason, Integer> waiting,
        @Nullable Example example,
        DueHours dueHours) {

    /** A delivery, and what it waits for. */
    public record Example(DeliveryId delivery, Obstacle obstacle) {}

    /** Numbers without an example. */
    public QueueStats(
            int scheduled,
            int queued,
            int dispatching,
            int backingOff,
            @Nullable Instant oldestDueAt,
            int executedLastMinute,
            double enforcedPerSecond,
            Map<Obstacle.Reason, Integer> waiting) {
        this(
                scheduled,
                queued,
                dispatching,
                backingOff,
                oldestDueAt,
                executedLastMinute,
                enforcedPerSecond,
                waiting,
                null,
                DueHours.NONE);
    }

    /** The reason for which most wait; null if nothing waits. */
    public static Obstacle.@Nullable Reason commonest(Map<Obstacle.Reason, Integer> waiting) {
        return waiting.entrySet().stream()
                .max(Map.Entry.<Obstacle.Reason, Integer>comparingByValue()
                        .thenComparing(Map.Entry.<Obstacle.Reason, Integer>comparingByKey()
                                .reversed()))
                .map(Map.Entry::getKey)
                .orElse(null);
    }

    /** Whether there is a TaskQueue. One that was deleted, or that Tasks name by mistake, has no rate. */
    public boolean isOfExistingQueue() {
        return enforcedPerSecond > 0;
    }

    public int tasks() {
        return scheduled + queued + dispatching + backingOff;
    }
}
