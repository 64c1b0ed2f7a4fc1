package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.engine.DeliveryState.Departing;
import dev.taskqueue.operator.engine.DeliveryState.Fetched;
import dev.taskqueue.operator.engine.DeliveryState.InPreparation;
import dev.taskqueue.operator.engine.DeliveryState.Prepared;
import dev.taskqueue.operator.engine.DeliveryState.Ready;
import dev.taskqueue.operator.engine.DeliveryState.ReadyToFetch;
import dev.taskqueue.operator.engine.DepartureRules.Decision;

/**
 * Decides what a lane does next: which deliveries end, leave, are fetched or are prepared, and when to look again. It returns actions and performs
 * none of them. The lane's lock guards it.
 */
final class LaneScheduler {
    private final LaneState lane;
    private final Deliveries deliveries;
    private final DepartureRules departures;
    private final PreparationScheduler preparations;
    private final FetchScheduler fetches;
    private final WakeUpRules wakeUps;

    LaneScheduler(LaneState lane, DepartureRules departures, FetchScheduler fetches) {
        this.lane = lane;
        this.deliveries = lane.deliveries;
        this.departures = departures;
        this.preparations = new PreparationScheduler(lane);
        this.fetches = fetches;
        this.wakeUps = new WakeUpRules(lane, preparations);
    }

    /** Decides everything that may happen now. */
    void advance(SchedulingCycle cycle, LaneActions actions) {
        lane.awaitsSharedLimiter = false;
        if (cycle.mayAct()) {
            schedule(cycle, actions);
        }
        // 9. The lane looks again when time alone lets something happen.
        setTimer(cycle);
    }

    private void schedule(SchedulingCycle cycle, LaneActions actions) {
        ClockReading now = cycle.now();
        QueueLimiter queueLimiter = cycle.queueLimiter();
        // 1. Refused writes that are due are repeated.
        rewrite(now, actions);
        if (queueLimiter != null) {
            // 2. Attempts of earlier processes whose claims have ended count as interrupted.
            endClaims(now, actions);
        }
        if (queueLimiter != null && !deliveries.refusedWrites().isBreaking(now.nanos())) {
            // 3. Deliveries that a person wants sent leave.
            departExpedited(cycle, actions);
            // 4. Probes look whether obstacles are gone.
            probe(cycle, actions);
            if (!cycle.isPaused()) {
                // Items of batches that have their turn take their places.
                lane.batches.fill(now);
                // 5. Prepared deliveries leave.
                depart(queueLimiter, cycle, actions);
                // 6. Large requests are read.
                fetches.fetch(queueLimiter, cycle, actions);
                // 7. Deliveries that will soon leave are prepared.
                preparations.prepare(queueLimiter, now, actions);
            }
        }
        // 8. Deliveries that end without another attempt are written.
        actions.addAll(deliveries.endings().takeWaiting());
    }

    private void rewrite(ClockReading now, LaneActions actions) {
        for (Delivery delivery : deliveries.refusedWrites().due(now.nanos())) {
            if (delivery.state instanceof DeliveryState.Unwritten(Journal.Entry entry)) {
                deliveries.move(delivery, new DeliveryState.Rewriting(entry));
                actions.add(delivery);
            }
        }
    }

    private void endClaims(ClockReading now, LaneActions actions) {
        for (Delivery first = deliveries.firstClaimed();
                first != null && first.dueAt <= now.millis();
                first = deliveries.firstClaimed()) {
            if (first.state instanceof DeliveryState.Claimed(Offer.Claim claim, AttemptPermit permit)) {
                deliveries.move(first, new DeliveryState.Interrupted(claim, permit));
                actions.add(first);
            }
        }
    }

    private void departExpedited(SchedulingCycle cycle, LaneActions actions) {
        int prepared = 0;
        for (Delivery delivery : deliveries.expedited()) {
            if (lane.expiry.isExpired(delivery, cycle.now())) {
                lane.expire(delivery, cycle.now());
                continue;
            }
            if (delivery.state instanceof DeliveryState.Waiting && prepared < PreparationScheduler.WINDOW) {
                preparations.start(delivery, cycle.now(), actions);
            }
            prepared += delivery.state instanceof InPreparation || delivery.state instanceof Prepared ? 1 : 0;
            if (delivery.state instanceof Prepared ready
                    && departures.decide(delivery, true, deliveries.slots() + 1, cycle) == Decision.GO) {
                if (ready instanceof ReadyToFetch || !PreparationScheduler.isStale(ready, cycle.now())) {
                    sendExpedited(delivery, ready, cycle, actions);
                } else {
                    // Its token or a Secret may have been replaced since it was prepared.
                    preparations.start(delivery, cycle.now(), actions);
                }
            }
        }
    }

    private void sendExpedited(Delivery delivery, Prepared prepared, SchedulingCycle cycle, LaneActions actions) {
        switch (prepared) {
            case Fetched fetched -> send(delivery, fetched.request(), fetched.permit(), true, actions);
            case Ready ready -> {
                AttemptPermit permit = lane.takePermit(delivery, ready.request().size());
                if (permit != null) {
                    send(delivery, ready.request(), permit, true, actions);
                }
            }
            case ReadyToFetch large -> {
                AttemptPermit permit = lane.takePermit(delivery, large.size());
                if (permit != null) {
                    fetches.start(delivery, permit, cycle.now(), actions);
                }
            }
        }
    }

    /** On a paused queue only expedited deliveries leave, so without any there is nothing to probe for. */
    private void probe(SchedulingCycle cycle, LaneActions actions) {
        if (!cycle.isPaused() || deliveries.hasExpedited()) {
            for (Delivery probe : deliveries.blocked().probes(cycle.now().nanos())) {
                preparations.start(probe, cycle.now(), actions);
            }
        }
    }

    private void depart(QueueLimiter queueLimiter, SchedulingCycle cycle, LaneActions actions) {
        ClockReading now = cycle.now();
        PreparationQueue queue = deliveries.preparation();
        for (Delivery head = queue.firstPrepared();
                head != null && head.dueAt <= now.millis();
                head = queue.firstPrepared()) {
            if (!(head.state instanceof Prepared prepared)) {
                return;
            }
            int slots = deliveries.slots() + (prepared.heldPermit() == null ? 1 : 0);
            switch (departures.decide(head, false, slots, cycle)) {
                case EXPIRED -> lane.expire(head, now);
                case RECALLED -> deliveries.move(head, DeliveryState.Waiting.SHARED);
                case WAIT -> {
                    if (!fetches.displaceFetchedFor(head)) {
                        return;
                    }
                }
                case GO -> {
                    if (!departHead(head, prepared, queueLimiter, now, actions)) {
                        return;
                    }
                }
            }
        }
    }

    /** Returns whether it is the next delivery's turn. */
    private boolean departHead(
            Delivery head, Prepared prepared, QueueLimiter queueLimiter, ClockReading now, LaneActions actions) {
        if (preparations.nanosHeldBack(head, now) > 0) {
            return false;
        }
        if (prepared instanceof ReadyToFetch) {
            // It is never stale: its content is read when it leaves.
            return false;
        }
        if (PreparationScheduler.isStale(prepared, now)) {
            preparations.start(head, now, actions);
            return true;
        }
        if (!queueLimiter.hasToken(now.nanos())) {
            return false;
        }
        return sendHead(head, prepared, queueLimiter, now, actions) || fetches.displaceFetchedFor(head);
    }

    /** Takes the permit and the token, and sends. Returns false if the shared limiter has no room. */
    private boolean sendHead(
            Delivery head, Prepared prepared, QueueLimiter queueLimiter, ClockReading now, LaneActions actions) {
        AttemptPermit permit = prepared instanceof Ready ready
                ? lane.takePermit(head, ready.request().size())
                : prepared.heldPermit();
        if (permit == null) {
            return makeWayForTasks(head);
        }
        queueLimiter.takeToken(now.nanos());
        permit.takeToken();
        send(head, requestOf(prepared), permit, false, actions);
        return true;
    }

    /** There is no room for outcomes of items. Items leave the lane until there is, so that Tasks go on. Returns whether they did. */
    private boolean makeWayForTasks(Delivery head) {
        if (head instanceof BatchFeed.ItemDelivery && lane.sharedLimiter.itemRoom(lane.queue) == 0) {
            lane.batches.recallAll();
            return true;
        }
        return false;
    }

    private static Dispatcher.PreparedRequest requestOf(Prepared prepared) {
        return switch (prepared) {
            case Ready ready -> ready.request();
            case Fetched fetched -> fetched.request();
            case ReadyToFetch _ -> throw new IllegalStateException("a large request is read before it leaves");
        };
    }

    private void send(
            Delivery delivery,
            Dispatcher.PreparedRequest request,
            AttemptPermit permit,
            boolean expedited,
            LaneActions actions) {
        deliveries.move(delivery, new Departing(request, permit, deliveries.generation(), expedited));
        actions.add(delivery);
    }

    private void setTimer(SchedulingCycle cycle) {
        long wait = wakeUps.nanosUntilNext(cycle);
        // A standby keeps its alarm set for what is not due yet. What is due waits for the fence to open.
        if (cycle.mayAct() || wait > 0) {
            lane.timer.set(wait, cycle.now().nanos());
        }
    }
}
