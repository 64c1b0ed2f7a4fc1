package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the items of one batch do at one moment.
 *
 * @param waiting how many wait for their time, their turn or the end of an obstacle
 * @param nextDueAt when the first of these is due; null if none waits
 * @param isDue whether that time has come
 * @param inFlight those with a request in flight, also of an earlier process
 * @param obstacle what keeps items of the batch from being sent; null if nothing does
 */
public record BatchSnapshot(
        int waiting,
        @Nullable Instant nextDueAt,
        boolean isDue,
        List<InFlight> inFlight,
        @Nullable Obstacle obstacle) {
    /** Whether nothing is due or in flight. */
    public boolean isScheduled() {
        return !isDue && inFlight.isEmpty();
    }

    /**
     * One item in flight.
     *
     * @param isOfEarlierProcess whether another process has sent it, and may still write its outcome
     */
    public record InFlight(int index, Instant dispatchedAt, Instant deadlineAt, boolean isOfEarlierProcess) {}
}
