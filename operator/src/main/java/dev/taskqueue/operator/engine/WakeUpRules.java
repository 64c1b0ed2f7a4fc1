package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.engine.DeliveryState.Prepared;
import dev.taskqueue.operator.engine.DeliveryState.ReadyToFetch;

/** Says when a lane has to look again because time has passed. The lane's lock guards it. */
final class WakeUpRules {
    private final LaneState lane;
    private final PreparationScheduler preparations;

    WakeUpRules(LaneState lane, PreparationScheduler preparations) {
        this.lane = lane;
        this.preparations = preparations;
    }

    /** How many nanoseconds are left until something may happen by time alone. */
    long nanosUntilNext(SchedulingCycle cycle) {
        ClockReading now = cycle.now();
        Deliveries deliveries = lane.deliveries;
        long wait = deliveries.refusedWrites().untilNext(now.nanos());
        QueueLimiter queueLimiter = cycle.queueLimiter();
        if (queueLimiter == null) {
            return wait;
        }
        Delivery claimed = deliveries.firstClaimed();
        wait = Math.min(wait, claimed == null ? LaneTimer.NEVER : now.until(claimed.dueAt));
        if (deliveries.refusedWrites().isBreaking(now.nanos())) {
            return wait;
        }
        if (!cycle.isPaused()) {
            // The shared limiter wakes the lane itself once it has room.
            wait = Math.min(wait, lane.awaitsSharedLimiter ? LaneTimer.NEVER : lane.batches.nanosUntilNext(now));
            wait = Math.min(wait, untilDeparture(queueLimiter, now));
            wait = Math.min(wait, preparations.nanosUntilNext(queueLimiter, now));
        }
        if (!cycle.isPaused() || deliveries.hasExpedited()) {
            long probeAt = deliveries.blocked().nextProbeAt(now.nanos());
            wait = Math.min(wait, probeAt == LaneTimer.NEVER ? LaneTimer.NEVER : Math.max(0, probeAt - now.nanos()));
        }
        return wait;
    }

    private long untilDeparture(QueueLimiter queueLimiter, ClockReading now) {
        Delivery head = lane.deliveries.preparation().firstPrepared();
        // The shared limiter wakes the lane itself once it has room.
        if (head == null || lane.awaitsSharedLimiter || !(head.state instanceof Prepared prepared)) {
            return LaneTimer.NEVER;
        }
        int slots = lane.deliveries.slots() + (prepared.heldPermit() == null ? 1 : 0);
        // The end of a request in flight wakes the lane.
        if (!queueLimiter.hasSlots(slots) || !lane.deliveries.refusedWrites().admits(slots, now.nanos())) {
            return LaneTimer.NEVER;
        }
        if (head.dueAt > now.millis()) {
            return now.until(head.dueAt);
        }
        if (prepared instanceof ReadyToFetch) {
            long left = FetchScheduler.nanosUntilFetch(queueLimiter, now);
            return left > 0 ? left : LaneTimer.NEVER;
        }
        return Math.max(preparations.nanosHeldBack(head, now), queueLimiter.nanosUntilToken(now.nanos()));
    }
}
