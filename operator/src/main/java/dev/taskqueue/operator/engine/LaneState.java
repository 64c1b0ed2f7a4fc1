package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.engine.DeliveryState.InFlight;
import dev.taskqueue.operator.engine.DeliveryState.InPreparation;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The state of one queue at work, and the steps that several parts of its lane take. Its monitor is the lane's lock: {@link Lane} and
 * {@link LaneAttempts} hold it for each of their methods, and all parts of a lane are used under it alone. The lock is never held across a port
 * that may block.
 */
final class LaneState {
    final QueueId queue;
    final Clocks clocks;
    final SharedLimiter sharedLimiter;
    final Listener listener;
    final LaneTimer timer;
    final ExpiryRules expiry;
    final Deliveries deliveries = new Deliveries(this::release);
    final BatchFeeds batches;
    final AttemptWindow attemptWindow = new AttemptWindow();
    /** Deliveries to expedite as soon as the engine hears that their outcome, which is written already, is written. */
    final Set<Delivery> expediteAfterWrite = new HashSet<>();

    private final ClockStepDetector clockSteps;
    /** Null while the queue does not exist. */
    @Nullable QueueLimiter queueLimiter;
    /** The rules in force, or the last ones of a queue that was deleted; null until the queue is first known. */
    @Nullable RetryPolicy retry;
    /** Whether the shared limiter had no room for a request. It then wakes the lane once it has. */
    boolean awaitsSharedLimiter;
    /** Epoch milliseconds of the last tick. Everything that came due by then was reported. */
    long lastTickAt;

    /** @param arrivals gives each delivery of the engine its number */
    LaneState(
            QueueId queue,
            Clocks clocks,
            SharedLimiter sharedLimiter,
            Alarm alarm,
            Listener listener,
            AtomicLong arrivals) {
        this.queue = queue;
        this.clocks = clocks;
        this.sharedLimiter = sharedLimiter;
        this.listener = listener;
        this.timer = new LaneTimer(queue, alarm);
        this.expiry = new ExpiryRules(clocks.nanos());
        this.clockSteps = new ClockStepDetector(clocks.now());
        this.batches = new BatchFeeds(queue, sharedLimiter, deliveries, expiry, arrivals);
    }

    SchedulingCycle newCycle(boolean mayAct) {
        return new SchedulingCycle(queueLimiter, mayAct, readClocks());
    }

    /** Reads both clocks. If the wall clock was set since the last reading, deliveries that wait for a while still wait for the rest of it. */
    ClockReading readClocks() {
        ClockReading now = clocks.now();
        // Nobody knows when it was set since then, so what was not due yet may never have been.
        long before = clockSteps.lastMillis();
        long moved = clockSteps.since(now);
        if (moved != 0) {
            deliveries.shift(before, moved);
            batches.shift(before, moved);
            lastTickAt = Math.min(lastTickAt, now.millis());
        }
        return now;
    }

    void notifyChanged(Collection<Delivery> changed) {
        changed.forEach(delivery -> listener.statusChanged(delivery.id()));
    }

    /** Cancels. A request in flight goes on and keeps its slot until it ends; its outcome is dropped. */
    void remove(Delivery delivery) {
        expediteAfterWrite.remove(delivery);
        deliveries.move(delivery, DeliveryState.Removed.SHARED);
    }

    /**
     * A person wants it sent now, in spite of time, pause, rate and concurrency. Nothing changes if it has left or is ending.
     *
     * @param attempts how many attempts had an outcome when the person asked. An attempt that is in flight here may be over already.
     */
    void expedite(Delivery delivery, int attempts) {
        switch (delivery.state) {
            case DeliveryState.Waiting _, DeliveryState.Blocked _, InPreparation _, DeliveryState.Prepared _ -> {
                if (!deliveries.isToBePurged(delivery)) {
                    deliveries.expedite(delivery, clocks.millis());
                }
            }
            case InFlight _, DeliveryState.Interrupted _ -> {
                if (delivery.history.dispatches() < attempts) {
                    expediteAfterWrite.add(delivery);
                }
            }
            default -> {}
        }
    }

    void block(Delivery delivery, Obstacle obstacle) {
        unblock(deliveries.block(delivery, obstacle, clocks.nanos()));
    }

    /** No known obstacle keeps these any more: each of them is prepared by itself. */
    void unblock(Collection<Delivery> freed) {
        for (Delivery delivery : freed) {
            deliveries.move(delivery, DeliveryState.Waiting.SHARED);
            listener.statusChanged(delivery.id());
        }
    }

    /** Ends a delivery whose time is over. The end is written with the next {@link LaneScheduler#advance}. */
    void expire(Delivery delivery, ClockReading now) {
        deliveries.move(delivery, new DeliveryState.Ending(expiry.end(delivery, now)));
    }

    /** Takes a slot, and room in the shared pools for a request of this many bytes. Null if the shared limiter has no room. */
    @Nullable AttemptPermit takePermit(Delivery delivery, long size) {
        AttemptPermit permit = sharedLimiter.acquireOrWait(queue, size, delivery instanceof BatchFeed.ItemDelivery);
        if (permit == null) {
            awaitsSharedLimiter = true;
        } else {
            deliveries.takeSlot();
        }
        return permit;
    }

    /** Gives back, once, everything that a permit holds: its token if no request left with it, its slot, its room in the shared pools. */
    void release(AttemptPermit permit) {
        if (!permit.close()) {
            return;
        }
        if (permit.hasToken() && queueLimiter != null) {
            queueLimiter.giveTokenBack();
        }
        deliveries.freeSlot();
        sharedLimiter.release(queue, permit);
    }
}
