package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.engine.DeliveryState.Departing;
import dev.taskqueue.operator.engine.DeliveryState.Fetched;
import dev.taskqueue.operator.engine.DeliveryState.Fetching;
import dev.taskqueue.operator.engine.DeliveryState.InFlight;
import dev.taskqueue.operator.engine.DeliveryState.InPreparation;
import dev.taskqueue.operator.engine.DeliveryState.Preparing;
import dev.taskqueue.operator.engine.DepartureRules.Decision;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The side of a lane that the threads of its attempts call: they report their results here. A result that comes after its delivery has moved on
 * changes nothing. Every method holds the lane's lock for a moment.
 */
final class LaneAttempts {
    private final LaneState lane;
    private final Deliveries deliveries;
    private final DepartureRules departures;
    private final FetchScheduler fetches;

    LaneAttempts(LaneState lane, DepartureRules departures, FetchScheduler fetches) {
        this.lane = lane;
        this.deliveries = lane.deliveries;
        this.departures = departures;
        this.fetches = fetches;
    }

    QueueId queue() {
        return lane.queue;
    }

    /** The retry rules in force. A queue that was deleted keeps its last ones for its requests in flight. */
    RetryPolicy retry() {
        synchronized (lane) {
            return Objects.requireNonNull(lane.retry, "nothing leaves before the queue is known");
        }
    }

    /** A request is prepared. */
    void prepared(Delivery delivery, Preparing preparing, DeliveryState.Prepared next) {
        synchronized (lane) {
            if (!delivery.isIn(preparing)) {
                return;
            }
            lane.unblock(deliveries.blocked().unblocked(delivery));
            // Only a probe is prepared this early.
            boolean early = delivery.dueAt - Delivery.LEAD.toMillis() > lane.clocks.millis();
            deliveries.move(delivery, early || isDiscarded(preparing) ? DeliveryState.Waiting.SHARED : next);
        }
    }

    /** A large request is prepared. Its content is kept if it may be in memory now; otherwise it is fetched later, when its turn comes. */
    void preparedLarge(Delivery delivery, Preparing preparing, Dispatcher.Preparation.Large large, boolean mayAct) {
        synchronized (lane) {
            if (!delivery.isIn(preparing)) {
                return;
            }
            prepared(delivery, preparing, new DeliveryState.ReadyToFetch(large.size(), lane.clocks.nanos()));
            Dispatcher.PreparedRequest whole = large.whole();
            AttemptPermit permit = whole == null ? null : fetches.takePermit(delivery, lane.newCycle(mayAct));
            if (whole != null && permit != null) {
                deliveries.move(delivery, new Fetched(whole, permit, lane.clocks.nanos()));
            }
        }
    }

    /** A large request was read. Returns whether it keeps its permit. */
    boolean fetched(Delivery delivery, Fetching fetching, Dispatcher.PreparedRequest request) {
        synchronized (lane) {
            if (!delivery.isIn(fetching)) {
                return false;
            }
            if (isDiscarded(fetching)) {
                deliveries.move(delivery, DeliveryState.Waiting.SHARED);
                return false;
            }
            deliveries.move(delivery, new Fetched(request, fetching.permit(), lane.clocks.nanos()));
            return true;
        }
    }

    /** The preparation has met an obstacle. */
    void blocked(Delivery delivery, InPreparation preparation, Obstacle obstacle) {
        synchronized (lane) {
            if (!delivery.isIn(preparation)) {
                return;
            }
            if (isDiscarded(preparation)) {
                lane.unblock(deliveries.blocked().unblocked(delivery));
                deliveries.move(delivery, DeliveryState.Waiting.SHARED);
            } else {
                lane.block(delivery, obstacle);
            }
        }
    }

    /** The Task does not exist any more. */
    void noTask(Delivery delivery) {
        synchronized (lane) {
            lane.remove(delivery);
        }
    }

    private boolean isDiscarded(InPreparation preparation) {
        return preparation.generation() != deliveries.generation();
    }

    /** Decides once more whether the request may leave, right before it does. Null if it may not: its delivery then waits again, or ends. */
    @Nullable InFlight depart(Delivery delivery, Departing departing, boolean mayAct) {
        synchronized (lane) {
            if (!delivery.isIn(departing)) {
                return null;
            }
            SchedulingCycle cycle = lane.newCycle(mayAct);
            Decision decision = departing.generation() == deliveries.generation()
                    ? departures.decide(delivery, departing.expedited(), deliveries.slots(), cycle)
                    : Decision.RECALLED;
            return switch (decision) {
                case GO -> sent(delivery, departing, lane.expiry.expireAt(delivery, cycle.now()));
                case EXPIRED -> {
                    lane.expire(delivery, cycle.now());
                    yield null;
                }
                case WAIT, RECALLED -> {
                    deliveries.move(delivery, DeliveryState.Waiting.SHARED);
                    expediteAgain(delivery, departing.expedited());
                    yield null;
                }
            };
        }
    }

    private InFlight sent(Delivery delivery, Departing departing, @Nullable Instant expireAt) {
        departing.permit().spendToken();
        var inFlight = new InFlight(
                departing.permit(),
                lane.clocks.instant(),
                expireAt,
                departing.request().deadline(),
                departing.expedited());
        deliveries.move(delivery, inFlight);
        return inFlight;
    }

    /** The request met an obstacle right before it would have left. */
    void notSent(Delivery delivery, Departing departing, Obstacle obstacle) {
        synchronized (lane) {
            if (delivery.isIn(departing)) {
                lane.block(delivery, obstacle);
                expediteAgain(delivery, departing.expedited());
            }
        }
    }

    /** The request did not leave the open connection: it costs no attempt. Its time may have ended while it waited for the connection. */
    void heldBack(Delivery delivery, InFlight inFlight, Obstacle obstacle, boolean mayAct) {
        synchronized (lane) {
            if (!delivery.isIn(inFlight)) {
                return;
            }
            inFlight.permit().unspendToken();
            ClockReading now = lane.clocks.now();
            if (mayAct && lane.expiry.isExpired(delivery, now)) {
                lane.expire(delivery, now);
            } else {
                lane.block(delivery, obstacle);
                expediteAgain(delivery, inFlight.expedited());
            }
        }
    }

    private void expediteAgain(Delivery delivery, boolean expedited) {
        if (expedited && !deliveries.isToBePurged(delivery)) {
            deliveries.expediteAgain(delivery);
        }
    }

    /** The operator itself failed before there was a result. */
    void failed(Delivery delivery, Obstacle obstacle) {
        synchronized (lane) {
            if (!(delivery.state instanceof DeliveryState.Removed)) {
                lane.block(delivery, obstacle);
            }
        }
    }

    /** The request has ended; its outcome is not written yet. */
    void answered(Delivery delivery, AttemptPermit permit, Outcome outcome) {
        synchronized (lane) {
            lane.attemptWindow.count(outcome);
            if (!(delivery instanceof BatchFeed.ItemDelivery)) {
                lane.sharedLimiter.answered(lane.queue, permit);
            }
        }
    }

    /**
     * An attempt of an item has an outcome, or the item ends. It leaves the lane, and its slot is free. Returns false if nobody waits for the outcome.
     *
     * @param at the clocks when it had the outcome
     */
    boolean ended(BatchFeed.ItemDelivery item, Journal.Entry entry, ClockReading at) {
        synchronized (lane) {
            if (item.state instanceof DeliveryState.Removed) {
                return false;
            }
            item.batch.unwritten.put(item.index, new BatchFeed.Unwritten(entry, at, null));
            lane.sharedLimiter.itemAnswered(lane.queue);
            deliveries.move(item, DeliveryState.Removed.SHARED);
            return true;
        }
    }

    /**
     * The write of an outcome, or of an end, has a result.
     *
     * @param before the clocks before the write: if somebody has set the wall clock meanwhile, a backoff still lasts as long
     */
    void concluded(Delivery delivery, Journal.Entry entry, Journal.Receipt receipt, ClockReading before) {
        synchronized (lane) {
            boolean repeated = delivery.state instanceof DeliveryState.Rewriting;
            if (receipt instanceof Journal.Receipt.Written) {
                deliveries.refusedWrites().written();
                if (repeated) {
                    deliveries.refusedWrites().rewritten();
                }
            }
            if (!(delivery.state instanceof DeliveryState.Removed)) {
                apply(delivery, entry, receipt, before);
            }
        }
    }

    private void apply(Delivery delivery, Journal.Entry entry, Journal.Receipt receipt, ClockReading before) {
        switch (receipt) {
            case Journal.Receipt.Written _ -> {
                boolean again = lane.expediteAfterWrite.remove(delivery);
                written(delivery, entry, before);
                if (again) {
                    lane.expedite(delivery, 0);
                }
            }
            case Journal.Receipt.TaskDeleted _ -> deliveries.move(delivery, DeliveryState.Removed.SHARED);
            case Journal.Receipt.Fenced _ -> {
                if (delivery.state instanceof DeliveryState.Ending) {
                    deliveries.endings().fenced(delivery);
                } else {
                    deliveries.move(delivery, DeliveryState.Removed.SHARED);
                }
            }
            case Journal.Receipt.WriteRefused(String why) -> {
                boolean repeated = delivery.state instanceof DeliveryState.Rewriting;
                deliveries.move(delivery, new DeliveryState.Unwritten(entry));
                if (repeated) {
                    deliveries.refusedWrites().refusedAgain(delivery, why, lane.clocks.nanos());
                } else {
                    deliveries.refusedWrites().refused(delivery, why, lane.clocks.nanos());
                }
            }
        }
    }

    private void written(Delivery delivery, Journal.Entry entry, ClockReading before) {
        delivery.history = entry.history();
        switch (entry) {
            case Journal.Entry.Finished _ -> deliveries.move(delivery, DeliveryState.Removed.SHARED);
            case Journal.Entry.BackingOff(var _, Instant nextAt) -> {
                long moved = ClockStepDetector.between(before, lane.readClocks());
                deliveries.move(delivery, DeliveryState.Waiting.SHARED, Delivery.ceilMillis(nextAt) + moved);
            }
        }
    }

    boolean isRemoved(Delivery delivery) {
        synchronized (lane) {
            return delivery.state instanceof DeliveryState.Removed;
        }
    }

    void release(AttemptPermit permit) {
        synchronized (lane) {
            lane.release(permit);
        }
    }
}
