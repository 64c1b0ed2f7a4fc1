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
        QueueId queue,
        Deliveries deliveries,
        BatchFeeds batches,
        @Nullable QueueLimiter queueLimiter,
        long now) {

    /** Null for a delivery that only waits to be deleted, is ending, or is over. */
    @Nullable DeliveryStatus status(Delivery delivery) {
        return switch (delivery.state) {
            case DeliveryState.Ending _, DeliveryState.Removed _ -> null;
            case DeliveryState.Claimed(Offer.Claim claim, AttemptPermit _) -> claimed(delivery, claim);
            case DeliveryState.Interrupted(Offer.Claim claim, AttemptPermit _) -> claimed(delivery, claim);
            case DeliveryState.InFlight inFlight ->
                new DeliveryStatus.Dispatching(
                        delivery.history,
                        Instant.ofEpochMilli(delivery.scheduledAt()),
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

    /** Whether {@link QueueStats#waiting} counts anything, if the queue exists. */
    boolean isBlocked() {
        return !deliveries.blocked().isEmpty() || refusedWrites() > 0;
    }

    private int refusedWrites() {
        return deliveries.refusedWrites().size() + batches.refusedOutcomes();
    }

    /** @param executedLastMinute attempts that ended in the last 60 s */
    QueueStats stats(int executedLastMinute) {
        List<Delivery> all = deliveries.notInFlight();
        int due = 0;
        int scheduled = 0;
        long oldest = Long.MAX_VALUE;
        var hours = new HourCounter();
        for (Delivery delivery : all) {
            if (delivery.dueAt <= now) {
                due++;
                oldest = Math.min(oldest, delivery.dueAt);
                continue;
            }
            hours.add(delivery.dueAt, 1);
            if (delivery.history.roundAttempts() == 0) {
                scheduled++;
            }
        }
        int outside = 0;
        for (BatchFeed batch : batches.all()) {
            int ahead = batch.items.countAhead(now, hours);
            int batchDue = batch.items.size() - ahead;
            due += batchDue;
            oldest = batchDue > 0 ? Math.min(oldest, batch.items.nextDueAt()) : oldest;
            outside += batch.items.size();
            scheduled += ahead - batch.items.backingOff(now);
        }
        List<Delivery> blockedBefore = blockedBeforeDue(all);
        for (Delivery delivery : blockedBefore) {
            scheduled -= delivery.history.roundAttempts() == 0 ? 1 : 0;
            hours.add(delivery.dueAt, -1);
        }
        int queued = due + blockedBefore.size();
        Map<Obstacle.Reason, Integer> waiting = waiting(all.size() + outside, due, blockedBefore.size());
        return new QueueStats(
                scheduled,
                // As a Task, an item is not over before its outcome is written.
                queued + batches.refusedOutcomes(),
                deliveries.dispatching(),
                all.size() + outside - queued - scheduled,
                due == 0 ? null : Instant.ofEpochMilli(oldest),
                executedLastMinute,
                queueLimiter == null ? 0 : queueLimiter.enforced(),
                waiting,
                example(QueueStats.commonest(waiting)),
                hours.result());
    }

    /** Those that are not due and have an obstacle already: their status says so, and not that they are scheduled. */
    private List<Delivery> blockedBeforeDue(List<Delivery> all) {
        return queueLimiter == null
                ? all.stream().filter(delivery -> delivery.dueAt > now).toList()
                : deliveries.blocked().dueAfter(now);
    }

    private Map<Obstacle.Reason, Integer> waiting(int all, int due, int blockedBeforeDue) {
        if (queueLimiter == null) {
            return all == 0 ? Map.of() : Map.of(Obstacle.Reason.QueueNotFound, all);
        }
        Map<Obstacle.Reason, Integer> counts = deliveries.blocked().counts();
        int refused = refusedWrites();
        if (deliveries.refusedWrites().isFailing()) {
            // Nothing leaves the lane, so this keeps all that are due and meet no other obstacle.
            int blocked = counts.values().stream().mapToInt(count -> count).sum();
            refused = Math.max(refused, due - (blocked - blockedBeforeDue) + batches.refusedOutcomes());
        }
        if (refused > 0) {
            counts.merge(Obstacle.Reason.WriteRefused, refused, Integer::sum);
        }
        return counts;
    }

    private QueueStats.@Nullable Example example(Obstacle.@Nullable Reason reason) {
        BlockedGroup group = reason == null ? null : deliveries.blocked().oldest(reason);
        Delivery first = group == null ? null : group.first();
        return group == null || first == null ? null : new QueueStats.Example(first.id(), group.obstacle());
    }
}
