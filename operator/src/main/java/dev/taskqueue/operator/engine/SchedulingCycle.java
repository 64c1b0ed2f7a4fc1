package dev.taskqueue.operator.engine;

import org.jspecify.annotations.Nullable;

/**
 * The conditions under which a lane decides, read once for each decision.
 *
 * @param queueLimiter null while the queue does not exist
 * @param mayAct whether this process may send and write
 */
record SchedulingCycle(@Nullable QueueLimiter queueLimiter, boolean mayAct, ClockReading now) {
    boolean isPaused() {
        return queueLimiter == null || queueLimiter.settings().paused();
    }
}
