package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Delivery.Place;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A look at a lane, for whoever tells of it. Its lane guards what it looks at.
 *
 * @param allowance null while the queue does not exist
 * @param now epoch milliseconds
 */
record Survey(QueueId queue, Places places, @Nullable Allowance allowance, long now) {

    /** Null for what only waits to be deleted, is ending, or is over. */
    @Nullable Standing standing(Delivery delivery) {
        if (delivery.place == Place.PURGED || delivery.place == Place.ENDING || delivery.place == Place.GONE) {
            return null;
        }
        Standing dispatching = dispatching(delivery);
        if (dispatching != null) {
            return dispatching;
        }
        Obstacle obstacle =
                allowance == null ? Obstacle.noQueue(queue) : places.parked().obstacleOf(delivery);
        if (obstacle != null) {
            return new Standing.Blocked(obstacle);
        }
        Instant dueAt = Instant.ofEpochMilli(delivery.dueAt);
        if (delivery.dueAt <= now) {
            return new Standing.Queued(dueAt);
        }
        return delivery.progress.roundAttempts() > 0 ? new Standing.BackingOff(dueAt) : new Standing.Scheduled(dueAt);
    }

    private static @Nullable Standing dispatching(Delivery delivery) {
        Delivery.Flight flight = delivery.flight;
        if (flight == null) {
            return null;
        }
        Offer.Claim claim = flight.claim;
        if (claim != null) {
            return new Standing.Dispatching(
                    delivery.progress, claim.scheduledAt(), claim.dispatchedAt(), claim.until());
        }
        Instant dispatchedAt = flight.dispatchedAt;
        if (delivery.place != Place.IN_FLIGHT || dispatchedAt == null || flight.shipment == null) {
            return null;
        }
        Instant deadlineAt = dispatchedAt.plus(flight.shipment.deadline());
        return new Standing.Dispatching(
                delivery.progress, Instant.ofEpochMilli(delivery.dueAt), dispatchedAt, deadlineAt);
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
                places.inFlight(),
                all.size() - due - scheduled,
                all.isEmpty() ? null : Instant.ofEpochMilli(oldest),
                executedLastMinute,
                allowance == null ? 0 : allowance.enforced(),
                waiting(due));
    }

    private Map<Obstacle.Reason, Integer> waiting(int due) {
        if (allowance != null) {
            return places.parked().counts(now);
        }
        return due == 0 ? Map.of() : Map.of(Obstacle.Reason.QueueNotFound, due);
    }
}
