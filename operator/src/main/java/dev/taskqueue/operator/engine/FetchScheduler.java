package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.engine.DeliveryState.Fetched;
import dev.taskqueue.operator.engine.DeliveryState.Fetching;
import dev.taskqueue.operator.engine.DeliveryState.ReadyToFetch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads large requests into memory shortly before they leave. A large request takes its permit before it is read, and its token when it leaves,
 * so that the rate holds. The lane's lock guards it.
 */
final class FetchScheduler {
    /** The maximum number of large requests that are being read, or are in memory and wait for a token. */
    private static final int MAX_FETCHES = 8;

    private final LaneState lane;
    private final PreparationQueue queue;
    private final DepartureRules departures;

    FetchScheduler(LaneState lane, DepartureRules departures) {
        this.lane = lane;
        this.queue = lane.deliveries.preparation();
        this.departures = departures;
    }

    /** Starts to read the large requests that will soon leave. */
    void fetch(QueueLimiter queueLimiter, SchedulingCycle cycle, LaneActions actions) {
        if (nanosUntilFetch(queueLimiter, cycle.now()) > 0) {
            return;
        }
        for (Delivery next = nextToFetch(); next != null; next = nextToFetch()) {
            AttemptPermit permit = takePermit(next, cycle);
            if (permit != null) {
                start(next, permit, cycle.now(), actions);
            } else if (!displaceFetchedFor(next)) {
                return;
            }
        }
    }

    void start(Delivery delivery, AttemptPermit permit, ClockReading now, LaneActions actions) {
        lane.deliveries.move(delivery, new Fetching(permit, now.nanos(), lane.deliveries.generation()));
        actions.add(delivery);
    }

    /** Takes the permit of a large request that may be in memory from now on. Null if it may not, or if another one is next. */
    @Nullable AttemptPermit takePermit(Delivery delivery, SchedulingCycle cycle) {
        ClockReading now = cycle.now();
        QueueLimiter queueLimiter = cycle.queueLimiter();
        boolean mayFetch = queueLimiter != null
                && delivery.is(nextToFetch())
                && delivery.dueAt <= now.millis()
                && nanosUntilFetch(queueLimiter, now) <= 0
                && lane.deliveries.fetches() < maxFetches(queueLimiter, now)
                && departures.decide(delivery, false, lane.deliveries.slots() + 1, cycle) == DepartureRules.Decision.GO;
        return mayFetch && delivery.state instanceof ReadyToFetch large
                ? lane.takePermit(delivery, large.size())
                : null;
    }

    /** How long until the next token is near enough to read a large request; not positive if it is. */
    static long nanosUntilFetch(QueueLimiter queueLimiter, ClockReading now) {
        return queueLimiter.nanosUntilToken(now.nanos()) - Delivery.LEAD.toNanos();
    }

    private static int maxFetches(QueueLimiter queueLimiter, ClockReading now) {
        return Math.min(MAX_FETCHES, queueLimiter.tokensWithin(Delivery.LEAD.toNanos(), now.nanos()));
    }

    private @Nullable Delivery nextToFetch() {
        for (Delivery delivery : queue.prepared()) {
            if (delivery.state instanceof ReadyToFetch) {
                return delivery;
            }
        }
        return null;
    }

    /**
     * A large request that is in memory and due later gives its slot and its memory to a delivery that is due earlier. Returns whether it did.
     */
    boolean displaceFetchedFor(Delivery head) {
        for (Delivery last : queue.preparedBackwards()) {
            if (last.is(head) || last.isBefore(head)) {
                return false;
            }
            if (last.state instanceof Fetched) {
                lane.deliveries.move(last, DeliveryState.Waiting.SHARED);
                return true;
            }
        }
        return false;
    }

    /** A large request that was read and did not leave soon gives up its slot and its memory. */
    void dropStale(ClockReading now) {
        List<Delivery> stale = queue.prepared().stream()
                .filter(delivery ->
                        delivery.state instanceof Fetched fetched && PreparationScheduler.isStale(fetched, now))
                .toList();
        stale.forEach(delivery -> lane.deliveries.move(delivery, DeliveryState.Waiting.SHARED));
    }
}
