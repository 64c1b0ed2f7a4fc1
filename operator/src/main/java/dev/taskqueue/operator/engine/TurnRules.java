package dev.taskqueue.operator.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Finds out why a due delivery has not left. It looks at other deliveries, so it is asked only when a status is written, and never for all
 * deliveries of a lane. The lane's lock guards it.
 */
public final class TurnRules {
    /** So many deliveries before another one are counted, and no more. */
    public static final int MOST_COUNTED = 1_000;

    private TurnRules() {}

    static Turn of(LaneState state, QueueLimiter limiter, Delivery delivery) {
        ClockReading now = state.readClocks();
        return new Turn(Instant.ofEpochMilli(now.millis()), cause(state, limiter, delivery, now.nanos()));
    }

    private static Turn.Cause cause(LaneState state, QueueLimiter limiter, Delivery delivery, long nanos) {
        Deliveries deliveries = state.deliveries;
        if (limiter.settings().paused()) {
            return Turn.Paused.UNKNOWN;
        }
        if (!limiter.hasSlots(deliveries.slots() + 1)) {
            return new Turn.SlotsTaken(limiter.settings().maxConcurrent(), longestSince(deliveries));
        }
        if (state.awaitsSharedLimiter) {
            return new Turn.OperatorFull();
        }
        return limiter.hasToken(nanos)
                ? new Turn.Next()
                : new Turn.RateSpent(
                        limiter.enforced(), limiter.settings().rate().perSecond(), before(deliveries, delivery));
    }

    private static @Nullable Instant longestSince(Deliveries deliveries) {
        Instant longest = null;
        for (Delivery other : deliveries.outgoing()) {
            longest = earlier(longest, other);
        }
        for (Delivery other : deliveries.claimed()) {
            longest = earlier(longest, other);
        }
        return longest;
    }

    private static @Nullable Instant earlier(@Nullable Instant longest, Delivery delivery) {
        Instant dispatchedAt = switch (delivery.state) {
            case DeliveryState.InFlight inFlight -> inFlight.dispatchedAt();
            case DeliveryState.Claimed claimed -> claimed.claim().dispatchedAt();
            case DeliveryState.Interrupted interrupted -> interrupted.claim().dispatchedAt();
            default -> null;
        };
        return dispatchedAt == null || (longest != null && longest.isBefore(dispatchedAt)) ? longest : dispatchedAt;
    }

    private static int before(Deliveries deliveries, Delivery delivery) {
        int before = count(deliveries.preparation().prepared(), delivery, MOST_COUNTED);
        before += count(deliveries.preparation().allInPreparation(), delivery, MOST_COUNTED - before);
        return before + count(deliveries.waiting(), delivery, MOST_COUNTED - before);
    }

    private static int count(Iterable<Delivery> inOrder, Delivery delivery, int most) {
        int before = 0;
        for (Delivery other : inOrder) {
            if (before >= most || !other.isBefore(delivery)) {
                break;
            }
            before++;
        }
        return before;
    }
}
