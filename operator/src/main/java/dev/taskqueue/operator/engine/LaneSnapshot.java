package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A read-only snapshot of a lane for status and metrics. It is created and used under the lane's lock.
 *
 * @param queueLimiter null while the queue does not exist
 * @param now epoch milliseconds
 */
record LaneSnapshot(
        QueueId queue, Deliveries deliveries, @Nullable QueueLimiter queueLimiter, long now) {

    /** Null for a delivery that only waits to be deleted, is ending, or is over. */
    @Nullable DeliveryStatus status(Delivery delivery) {
        return switch (delivery.state) {
            case DeliveryState.Ending _, DeliveryState.Removed _ -> null;
            case DeliveryState.Claimed(Offer.Claim claim, AttemptPermit _) -> claimed(delivery, claim);
            case DeliveryState.Interrupted(Offer.Claim claim, AttemptPermit _) -> claimed(delivery, claim);
            case DeliveryState.InFlight inFlight ->
                new DeliveryStatus.Dispatching(
                        delivery.history,
                        Instant.ofEpochMilli(delivery.dueAt),
                        inFlight.dispatchedAt(),
                        inFlight.dispatchedAt().plus(inFlight.deadline()));
            case DeliveryState.Unwritten _, DeliveryState.Rewriting _ ->
                new DeliveryStatus.Blocked(
                        Objects.requireNonNull(deliveries.refusedWrites().obstacle()));
            default -> deliveries.isToBePurged(delivery) ? null : waiting(delivery);
        };
    }

    private static DeliveryStatus claimed(Delivery delivery, Offer.Claim claim) {
        return new DeliveryStatus.Dispatching(
                delivery.history, claim.scheduledAt(), claim.dispatchedAt(), claim.until());
    }

    private DeliveryStatus waiting(Delivery delivery) {
        Obstacle obstacle = queueLimiter == null
                ? Obstacle.noQueue(queue)
                : deliveries.blocked().obstacleOf(delivery);
        if (obstacle != null) {
            return new DeliveryStatus.Blocked(obstacle);
        }
        Instant dueAt = Instant.ofEpochMilli(delivery.dueAt);
        if (delivery.dueAt <= now) {
            return new DeliveryStatus.Queued(dueAt);
        }
        return delivery.history.roundAttempts() > 0
                ? new DeliveryStatus.BackingOff(dueAt)
                : new DeliveryStatus.Scheduled(dueAt, expiresAt(delivery));
    }

    private static @Nullable Instant expiresAt(Delivery delivery) {
        return delivery.expireAt == Long.MAX_VALUE ? null : Instant.ofEpochMilli(delivery.expireAt);
    }

    /** @param executedLastMinute attempts that ended in the last 60 s */
    QueueStats stats(int executedLastMinute) {
        List<Delivery> all = deliveries.notInFlight();
        int due = 0;
        int scheduled = 0;
        long oldest = Long.MAX_VALUE;
        for (Delivery delivery : all) {
            oldest = Math.min(oldest, delivery.dueAt);
            if (delivery.dueAt <= now) {
                due++;
            } else if (delivery.history.roundAttempts() == 0) {
                scheduled++;
            }
        }
        return new QueueStats(
                scheduled,
                due,
                deliveries.dispatching(),
                all.size() - due - scheduled,
                all.isEmpty() ? null : Instant.ofEpochMilli(oldest),
                executedLastMinute,
                queueLimiter == null ? 0 : queueLimiter.enforced(),
                waiting(due));
    }

    private Map<Obstacle.Reason, Integer> waiting(int due) {
        if (queueLimiter == null) {
            return due == 0 ? Map.of() : Map.of(Obstacle.Reason.QueueNotFound, due);
        }
        if (deliveries.refusedWrites().isFailing()) {
            return Map.of(Obstacle.Reason.WriteRefused, due);
        }
        Map<Obstacle.Reason, Integer> counts = deliveries.blocked().counts(now);
        if (deliveries.refusedWrites().size() > 0) {
            counts.merge(
                    Obstacle.Reason.WriteRefused, deliveries.refusedWrites().size(), Integer::sum);
        }
        return counts;
    }
}
