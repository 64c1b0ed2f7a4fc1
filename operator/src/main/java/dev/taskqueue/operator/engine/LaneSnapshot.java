package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A look at a lane, for whoever tells of it. Its lane guards what it looks at.
 *
 * @param allowance null while the queue does not exist
 * @param now epoch milliseconds
 */
record LaneSnapshot(
        QueueId queue, Deliveries places, @Nullable QueueLimiter allowance, long now) {

    /** Null for what only waits to be deleted, is ending, or is over. */
    @Nullable DeliveryStatus standing(Delivery delivery) {
        return switch (delivery.state) {
            case DeliveryState.Ending _, DeliveryState.Removed _ -> null;
            case DeliveryState.Claimed(Offer.Claim claim, AttemptPermit _) -> claimed(delivery, claim);
            case DeliveryState.Interrupted(Offer.Claim claim, AttemptPermit _) -> claimed(delivery, claim);
            case DeliveryState.InFlight flight ->
                new DeliveryStatus.Dispatching(
                        delivery.progress,
                        Instant.ofEpochMilli(delivery.dueAt),
                        flight.dispatchedAt(),
                        flight.dispatchedAt().plus(flight.deadline()));
            case DeliveryState.Unwritten _, DeliveryState.Rewriting _ ->
                new DeliveryStatus.Blocked(
                        Objects.requireNonNull(places.refused().obstacle()));
            default -> places.isToBePurged(delivery) ? null : waiting(delivery);
        };
    }

    private static DeliveryStatus claimed(Delivery delivery, Offer.Claim claim) {
        return new DeliveryStatus.Dispatching(
                delivery.progress, claim.scheduledAt(), claim.dispatchedAt(), claim.until());
    }

    private DeliveryStatus waiting(Delivery delivery) {
        Obstacle obstacle =
                allowance == null ? Obstacle.noQueue(queue) : places.parked().obstacleOf(delivery);
        if (obstacle != null) {
            return new DeliveryStatus.Blocked(obstacle);
        }
        Instant dueAt = Instant.ofEpochMilli(delivery.dueAt);
        if (delivery.dueAt <= now) {
            return new DeliveryStatus.Queued(dueAt);
        }
        return delivery.progress.roundAttempts() > 0
                ? new DeliveryStatus.BackingOff(dueAt)
                : new DeliveryStatus.Scheduled(dueAt, expiresAt(delivery));
    }

    private static @Nullable Instant expiresAt(Delivery delivery) {
        return delivery.expireAt == Long.MAX_VALUE ? null : Instant.ofEpochMilli(delivery.expireAt);
    }

    /** @param executedLastMinute attempts that ended in the last 60 s */
    QueueStats stats(int executedLastMinute) {
        List<Delivery> all = places.notInFlight();
        int due = 0;
        int scheduled = 0;
        long oldest = Long.MAX_VALUE;
        for (Delivery delivery : all) {
            oldest = Math.min(oldest, delivery.dueAt);
            if (delivery.dueAt <= now) {
                due++;
            } else if (delivery.progress.roundAttempts() == 0) {
                scheduled++;
            }
        }
        return new QueueStats(
                scheduled,
                due,
                places.dispatching(),
                all.size() - due - scheduled,
                all.isEmpty() ? null : Instant.ofEpochMilli(oldest),
                executedLastMinute,
                allowance == null ? 0 : allowance.enforced(),
                waiting(due));
    }

    private Map<Obstacle.Reason, Integer> waiting(int due) {
        if (allowance == null) {
            return due == 0 ? Map.of() : Map.of(Obstacle.Reason.QueueNotFound, due);
        }
        if (places.refused().isFailing()) {
            return Map.of(Obstacle.Reason.WriteRefused, due);
        }
        Map<Obstacle.Reason, Integer> counts = places.parked().counts(now);
        if (places.refused().size() > 0) {
            counts.merge(Obstacle.Reason.WriteRefused, places.refused().size(), Integer::sum);
        }
        return counts;
    }
}
