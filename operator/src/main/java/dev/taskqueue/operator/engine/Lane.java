package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.domain.Throttle;
import dev.taskqueue.operator.engine.DeliveryState.Departing;
import dev.taskqueue.operator.engine.DeliveryState.Fetched;
import dev.taskqueue.operator.engine.DeliveryState.Fetching;
import dev.taskqueue.operator.engine.DeliveryState.InFlight;
import dev.taskqueue.operator.engine.DeliveryState.Preparing;
import dev.taskqueue.operator.engine.DeliveryState.Underway;
import dev.taskqueue.operator.engine.LaneScheduler.Leave;
import dev.taskqueue.operator.engine.LaneScheduler.Situation;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One queue at work: the lock of its deliveries, what comes in, and what there is to see. Every method holds the lane's monitor for a moment;
 * what is to be done next is decided by its {@link LaneScheduler}, and nothing here sends or writes.
 */
final class Lane {
    final QueueId id;

    private final Clocks clock;
    private final SharedLimiter gate;
    private final Listener listener;

    private final LaneTimer bell;
    private final ExpiryRules expiry;
    private final ClockStepDetector steps;
    private final Deliveries places = new Deliveries(this::giveBack);
    private final LaneScheduler scheduler;
    private final AttemptWindow pulse = new AttemptWindow();
    /** Null while the queue does not exist. */
    private @Nullable QueueLimiter allowance;
    /** The rules in force, or those that were last in force; null until the queue is first known. */
    private @Nullable RetryPolicy retry;
    /** Those to be hurried as soon as their outcome, which is written, is heard of. */
    private final Set<Delivery> expeditedNext = new HashSet<>();
    /** Epoch milliseconds of the last tick: what came due by then was told. */
    private long tickedAt;

    Lane(QueueId id, Clocks clock, SharedLimiter gate, Alarm alarm, Listener listener) {
        this.id = id;
        this.clock = clock;
        this.gate = gate;
        this.listener = listener;
        this.bell = new LaneTimer(id, alarm);
        this.expiry = new ExpiryRules(clock.nanos());
        this.steps = new ClockStepDetector(clock.now());
        this.scheduler = new LaneScheduler(this, gate, places, expiry, bell);
    }

    /** Takes the queue's settings, first or changed. */
    synchronized void applySettings(QueueSettings settings, boolean isNew) {
        retry = settings.retry();
        expiry.applySettings(settings.unfinished());
        if (allowance == null) {
            allowance = new QueueLimiter(settings, isNew, clock.nanos());
            tell(places.waiting());
        } else {
            allowance.change(settings, clock.nanos());
        }
    }

    /**
     * What the queue adds to requests has changed. Nothing leaves that was made of what it was before; and what waits for an obstacle is
     * looked at one by one, for once: each may go to another Service now, or need another Secret.
     */
    synchronized void discardPrepared() {
        tell(places.discardPrepared());
    }

    /** The queue was deleted: its deliveries stay, and wait for one of this name. */
    synchronized void removeQueue() {
        allowance = null;
        bell.silence();
        tell(places.waiting());
    }

    private void tell(Collection<Delivery> deliveries) {
        deliveries.forEach(delivery -> listener.statusChanged(delivery.id()));
    }

    synchronized void add(Delivery delivery, Offer offer) {
        look();
        if (offer.end() != null) {
            places.move(delivery, new DeliveryState.Ending(offer.end()));
        } else if (offer.claim() != null) {
            places.takeSlot();
            long until = Delivery.ceilMillis(offer.claim().until());
            places.move(delivery, new DeliveryState.Claimed(offer.claim(), AttemptPermit.ofClaim()), until);
        } else if (offer.obstacle() != null) {
            park(delivery, offer.obstacle());
        } else {
            places.move(delivery, DeliveryState.Waiting.SHARED);
        }
    }

    /** Cancels. A request in flight goes on and keeps its slot to its end; its outcome is dropped. */
    synchronized void remove(Delivery delivery) {
        expeditedNext.remove(delivery);
        places.move(delivery, DeliveryState.Removed.SHARED);
    }

    /**
     * A person wants it sent now, past time, pause, rate and concurrency. Changes nothing where it has left or is ending.
     *
     * @param attempts how many had an outcome when that was asked for: what is in flight here may be over already
     */
    synchronized void expedite(Delivery delivery, int attempts) {
        switch (delivery.state) {
            case InFlight _ when delivery.progress.dispatches() < attempts -> expeditedNext.add(delivery);
            case DeliveryState.Waiting _, DeliveryState.Parked _, Underway _, DeliveryState.Prepared _ -> {
                if (!places.isToBePurged(delivery)) {
                    places.expedite(delivery, clock.millis());
                }
            }
            case InFlight _, DeliveryState.Interrupted _ -> {
                if (delivery.progress.dispatches() < attempts) {
                    expeditedNext.add(delivery);
                }
            }
            default -> {}
        }
    }

    /**
     * From now on nothing leaves that was created before this; what is in flight goes on. That time stands until it is moved or the purge
     * ends, whoever comes in.
     */
    synchronized void purge(Instant createdBefore) {
        tell(places.purge(createdBefore.toEpochMilli()));
    }

    /** What is still here of a purge waits for its turn again. */
    synchronized void endPurge() {
        tell(places.endPurge());
    }

    synchronized boolean isPurging() {
        return places.isPurging();
    }

    /** Whether a purge is to delete it now: it has not ended, and nobody is writing that it has. */
    synchronized boolean isToBePurged(Delivery delivery) {
        boolean open =
                !(delivery.state instanceof DeliveryState.Ending || delivery.state instanceof DeliveryState.Removed);
        return open && places.isToBePurged(delivery);
    }

    synchronized List<Delivery> toBePurged() {
        return places.all().filter(places::isToBePurged).toList();
    }

    synchronized int createdBefore(Instant time) {
        long millis = time.toEpochMilli();
        return (int)
                places.all().filter(delivery -> delivery.createdAt < millis).count();
    }

    synchronized void wake(Obstacle.Subject subject) {
        places.parked().wake(subject);
    }

    /**
     * The fence has opened: the bucket is empty, so that two leaders together never exceed the rate; ends that could not be written are tried
     * again, and what stands as it did is told where status does not say so.
     */
    synchronized void leadershipResumed() {
        places.ends().leadershipResumed();
        tell(places.all().toList());
        if (allowance != null) {
            allowance.empty(clock.nanos());
        }
    }

    /** The alarm has rung, so it is not set any more. */
    synchronized void rung() {
        bell.rung();
    }

    /** Everything that may happen now, happens: claims end, deliveries leave, probes and preparations start. */
    synchronized LaneActions advance(boolean mayAct) {
        var moves = new LaneActions();
        scheduler.advance(new Situation(allowance, mayAct, look()), moves);
        return moves;
    }

    /** Looks at both clocks. Where the wall clock was set since the last look, what waits for a while goes on waiting for its rest. */
    private ClockReading look() {
        ClockReading now = clock.now();
        long moved = steps.since(now);
        if (moved != 0) {
            places.shift(now.millis() - moved, moved);
            tickedAt = Math.min(tickedAt, now.millis());
        }
        return now;
    }

    /**
     * Once per {@value Throttle#WINDOW_SECONDS} s: the enforced rate follows what the workers say, what has expired ends, and what has come
     * due without leaving is told.
     */
    synchronized void tick(boolean mayAct) {
        ClockReading now = look();
        Throttle.Window window = pulse.turn();
        if (allowance != null) {
            allowance.follow(window, now.nanos());
        }
        scheduler.dropStale(now);
        if (!mayAct) {
            return;
        }
        for (Delivery delivery : places.waiting()) {
            if (scheduler.isExpired(delivery, now)) {
                scheduler.expire(delivery, now);
            } else if (delivery.dueAt > tickedAt && delivery.dueAt <= now.millis()) {
                // Its time has come, and its turn has not: it is no longer what it was told to be.
                listener.statusChanged(delivery.id());
            }
        }
        tickedAt = now.millis();
    }

    /** A preparation has come to its end; {@code next} is null where an obstacle was found. */
    synchronized void prepared(Delivery delivery, Preparing preparing, DeliveryState.Prepared next) {
        if (!delivery.isIn(preparing)) {
            return;
        }
        free(places.parked().passed(delivery));
        // Only a probe is looked at ahead of its time.
        boolean early = delivery.dueAt - LaneScheduler.LEAD.toMillis() > clock.millis();
        places.move(delivery, early || isDiscarded(preparing) ? DeliveryState.Waiting.SHARED : next);
    }

    /** A large request is prepared. It stays where it may be fetched now; else it is forgotten, and fetched when its turn comes. */
    synchronized void preparedLarge(
            Delivery delivery, Preparing preparing, Dispatcher.Preparation.Large large, boolean mayAct) {
        if (!delivery.isIn(preparing)) {
            return;
        }
        prepared(delivery, preparing, new DeliveryState.ReadyToFetch(large.size(), clock.nanos()));
        Dispatcher.PreparedRequest whole = large.whole();
        AttemptPermit pass =
                whole == null ? null : scheduler.passToFetch(delivery, new Situation(allowance, mayAct, look()));
        if (whole != null && pass != null) {
            places.move(delivery, new Fetched(whole, pass, clock.nanos()));
        }
    }

    /** A large request is here; returns whether it has its pass now. */
    synchronized boolean fetched(Delivery delivery, Fetching fetching, Dispatcher.PreparedRequest shipment) {
        if (!delivery.isIn(fetching)) {
            return false;
        }
        if (isDiscarded(fetching)) {
            places.move(delivery, DeliveryState.Waiting.SHARED);
            return false;
        }
        places.move(delivery, new Fetched(shipment, fetching.pass(), clock.nanos()));
        return true;
    }

    /** The delivery in preparation cannot go yet. */
    synchronized void blocked(Delivery delivery, Underway underway, Obstacle obstacle) {
        if (!delivery.isIn(underway)) {
            return;
        }
        if (isDiscarded(underway)) {
            free(places.parked().passed(delivery));
            places.move(delivery, DeliveryState.Waiting.SHARED);
        } else {
            park(delivery, obstacle);
        }
    }

    private boolean isDiscarded(Underway underway) {
        return underway.edition() != places.edition();
    }

    private void park(Delivery delivery, Obstacle obstacle) {
        free(places.park(delivery, obstacle, clock.nanos()));
    }

    /** Nothing is known to keep them any more: each is looked at by itself. */
    private void free(Collection<Delivery> waiting) {
        for (Delivery delivery : waiting) {
            places.move(delivery, DeliveryState.Waiting.SHARED);
            listener.statusChanged(delivery.id());
        }
    }

    /** Asks once more whether the request may leave, right before it does. Null where it may not: then it is back in line. */
    synchronized @Nullable InFlight leave(Delivery delivery, Departing departing, boolean mayAct) {
        if (!delivery.isIn(departing)) {
            return null;
        }
        Situation at = new Situation(allowance, mayAct, look());
        Leave leave = departing.edition() == places.edition()
                ? scheduler.mayLeave(delivery, departing.expedited(), places.slots(), at)
                : Leave.RECALLED;
        return switch (leave) {
            case GO -> {
                departing.pass().spendToken();
                var flight = new InFlight(
                        departing.pass(), clock.instant(), departing.shipment().deadline(), departing.expedited());
                places.move(delivery, flight);
                yield flight;
            }
            case EXPIRED -> {
                scheduler.expire(delivery, at.now());
                yield null;
            }
            case HELD, RECALLED -> {
                turnBack(delivery, departing.expedited());
                yield null;
            }
        };
    }

    /** The request did not leave: it costs no attempt. */
    synchronized void heldBack(Delivery delivery, InFlight flight, Obstacle obstacle) {
        if (delivery.isIn(flight)) {
            flight.pass().unspendToken();
            stop(delivery, flight.expedited(), obstacle);
        }
    }

    /** What was about to leave cannot. */
    synchronized void notSent(Delivery delivery, Departing departing, Obstacle obstacle) {
        if (delivery.isIn(departing)) {
            stop(delivery, departing.expedited(), obstacle);
        }
    }

    /** Something went wrong with it in the operator itself, before anything came of it. */
    synchronized void failed(Delivery delivery, Obstacle obstacle) {
        if (!(delivery.state instanceof DeliveryState.Removed)) {
            park(delivery, obstacle);
        }
    }

    private void stop(Delivery delivery, boolean expedited, Obstacle obstacle) {
        park(delivery, obstacle);
        expediteAgain(delivery, expedited);
    }

    private void turnBack(Delivery delivery, boolean expedited) {
        places.move(delivery, DeliveryState.Waiting.SHARED);
        expediteAgain(delivery, expedited);
    }

    private void expediteAgain(Delivery delivery, boolean expedited) {
        if (expedited && !places.isToBePurged(delivery)) {
            places.expediteAgain(delivery);
        }
    }

    /** The request is over. */
    synchronized void answered(AttemptPermit pass, Outcome outcome) {
        pulse.count(outcome);
        gate.answered(id, pass);
    }

    /** What came of the write of a delivery's outcome, or of its end. */
    synchronized void concluded(Delivery delivery, Journal.Entry entry, Journal.Receipt receipt) {
        boolean repeated = delivery.state instanceof DeliveryState.Rewriting;
        if (receipt instanceof Journal.Receipt.Written) {
            places.refused().written();
            if (repeated) {
                places.refused().rewritten();
            }
        }
        if (delivery.state instanceof DeliveryState.Removed) {
            return;
        }
        switch (receipt) {
            case Journal.Receipt.Written _ -> {
                boolean again = expeditedNext.remove(delivery);
                written(delivery, entry);
                if (again) {
                    expedite(delivery, 0);
                }
            }
            case Journal.Receipt.TaskDeleted _ -> places.move(delivery, DeliveryState.Removed.SHARED);
            case Journal.Receipt.Fenced _ -> {
                if (delivery.state instanceof DeliveryState.Ending) {
                    places.ends().fenced(delivery);
                } else {
                    places.move(delivery, DeliveryState.Removed.SHARED);
                }
            }
            case Journal.Receipt.WriteRefused(String why) -> {
                places.move(delivery, new DeliveryState.Unwritten(entry));
                if (repeated) {
                    places.refused().refusedAgain(delivery, why, clock.nanos());
                } else {
                    places.refused().refused(delivery, why, clock.nanos());
                }
            }
        }
    }

    private void written(Delivery delivery, Journal.Entry entry) {
        delivery.progress = entry.history();
        switch (entry) {
            case Journal.Entry.Finished _ -> places.move(delivery, DeliveryState.Removed.SHARED);
            case Journal.Entry.BackingOff(var _, Instant nextAt) -> {
                look();
                places.move(delivery, DeliveryState.Waiting.SHARED, Delivery.ceilMillis(nextAt));
            }
        }
    }

    /** The one place where what a delivery held is free again: its token where no request left with it, its slot, its places in the pools. */
    synchronized void giveBack(AttemptPermit pass) {
        if (!pass.close()) {
            return;
        }
        if (pass.hasToken() && allowance != null) {
            allowance.giveTokenBack();
        }
        places.freeSlot();
        gate.release(id, pass);
    }

    synchronized boolean isClaimed(Delivery delivery) {
        return delivery.state instanceof DeliveryState.Claimed;
    }

    synchronized boolean isGone(Delivery delivery) {
        return delivery.state instanceof DeliveryState.Removed;
    }

    /** Those whose outcome the API server refuses. */
    synchronized List<LaneActions.Move> unwritten() {
        return places.refused().all().stream()
                .map(delivery -> new LaneActions.Move(delivery, delivery.state))
                .toList();
    }

    /** Those whose requests have left. */
    synchronized List<Delivery> inFlight() {
        return places.flying().stream()
                .filter(delivery -> delivery.state instanceof InFlight)
                .toList();
    }

    /** The retry rules as they stand; a queue that was deleted keeps its last ones for what it has in flight. */
    synchronized RetryPolicy retry() {
        return Objects.requireNonNull(retry, "nothing leaves before the queue is known");
    }

    /** Null for what only waits to be deleted, is ending, or is over. */
    synchronized @Nullable DeliveryStatus standing(Delivery delivery) {
        return survey().standing(delivery);
    }

    synchronized QueueStats stats() {
        return survey().stats(pulse.lastMinute());
    }

    private LaneSnapshot survey() {
        return new LaneSnapshot(id, places, allowance, clock.millis());
    }

    synchronized boolean isEmpty() {
        return allowance == null && places.isEmpty();
    }
}
