package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.engine.DeliveryState.InPreparation;
import dev.taskqueue.operator.engine.DeliveryState.Prepared;
import java.time.Duration;

/**
 * Prepares deliveries shortly before they are due, and no more of them than may leave then. The lane's lock guards it.
 */
final class PreparationScheduler {
    /** The maximum number of deliveries that are prepared ahead. */
    static final int WINDOW = 64;

    /** How many more deliveries may be prepared than slots are free. */
    private static final int SPARE = 8;
    /** How long a delivery in preparation holds back those that are due after it. */
    private static final long PATIENCE = Duration.ofMillis(50).toNanos();
    /** A request that was prepared longer ago than this is prepared again. */
    private static final long FRESH = Duration.ofSeconds(5).toNanos();

    private final LaneState lane;
    private final PreparationQueue queue;

    PreparationScheduler(LaneState lane) {
        this.lane = lane;
        this.queue = lane.deliveries.preparation();
    }

    static boolean isStale(Prepared prepared, ClockReading now) {
        return now.nanos() - prepared.since() > FRESH;
    }

    /** Starts the preparation of the deliveries that will soon leave. */
    void prepare(QueueLimiter queueLimiter, ClockReading now, LaneActions actions) {
        int room = room(queueLimiter, now);
        for (Delivery head = lane.deliveries.firstWaiting();
                head != null && head.dueAt - Delivery.LEAD.toMillis() <= now.millis();
                head = lane.deliveries.firstWaiting()) {
            if (lane.expiry.isExpired(head, now)) {
                lane.expire(head, now);
            } else if (room > 0) {
                start(head, now, actions);
                room--;
            } else if (!displaceLastFor(head)) {
                return;
            } else {
                room++;
            }
        }
    }

    void start(Delivery delivery, ClockReading now, LaneActions actions) {
        lane.deliveries.move(delivery, new DeliveryState.Preparing(now.nanos(), lane.deliveries.generation()));
        actions.add(delivery);
    }

    /** A prepared delivery that is due later makes room for one that is due earlier. Returns whether it did. */
    private boolean displaceLastFor(Delivery head) {
        Delivery last = queue.lastPrepared();
        if (last == null || last.isBefore(head)) {
            return false;
        }
        lane.deliveries.move(last, DeliveryState.Waiting.SHARED);
        return true;
    }

    /**
     * How many more deliveries to prepare. A slow preparation counts against the window, but not against the expected departures: the other
     * deliveries must not wait for it.
     */
    private int room(QueueLimiter queueLimiter, ClockReading now) {
        int departures = Math.min(
                queueLimiter.tokensWithin(Delivery.LEAD.toNanos(), now.nanos()),
                queueLimiter.slotsLeft(lane.deliveries.slots() - lane.deliveries.fetches()) + SPARE);
        int slow = 0;
        for (Delivery delivery : queue.inPreparationByStart()) {
            if (patienceLeft(delivery, now) > 0) {
                break;
            }
            slow++;
        }
        return Math.min(WINDOW - queue.size(), departures - (queue.size() - slow));
    }

    /**
     * How long a prepared delivery still has to wait for the deliveries before it, in nanoseconds. Deliveries leave in the order of their due
     * times, so those in preparation that are due earlier go first, unless their preparation takes long.
     */
    long nanosHeldBack(Delivery head, ClockReading now) {
        long longest = 0;
        for (Delivery delivery : queue.inPreparationBefore(head)) {
            longest = Math.max(longest, patienceLeft(delivery, now));
        }
        return longest;
    }

    /** How long others still wait for a delivery in preparation; not positive when its preparation is slow. */
    private static long patienceLeft(Delivery delivery, ClockReading now) {
        return delivery.state instanceof InPreparation preparation ? PATIENCE - (now.nanos() - preparation.since()) : 0;
    }

    /** How many nanoseconds are left until the next preparation may start by time alone. */
    long nanosUntilNext(QueueLimiter queueLimiter, ClockReading now) {
        Delivery head = lane.deliveries.firstWaiting();
        if (head == null) {
            return LaneTimer.NEVER;
        }
        long from = now.until(head.dueAt - Delivery.LEAD.toMillis());
        if (room(queueLimiter, now) > 0) {
            return from;
        }
        // There is room as soon as the first of those in preparation turns out to be slow.
        for (Delivery delivery : queue.inPreparationByStart()) {
            long left = patienceLeft(delivery, now);
            if (left > 0) {
                return Math.max(from, left);
            }
        }
        return LaneTimer.NEVER;
    }
}
