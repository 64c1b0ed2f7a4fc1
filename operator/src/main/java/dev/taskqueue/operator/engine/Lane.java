package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.domain.Throttle;
import dev.taskqueue.operator.engine.DeliveryState.InFlight;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One queue at work, as the engine sees it: the deliveries and orders that come in, and the views. Every method holds the lane's lock for a moment.
 * The {@link LaneScheduler} decides what happens next; {@link LaneAttempts} takes the results of that. Nothing here sends or writes.
 */
final class Lane {
    final QueueId id;

    /** Its monitor is the lane's lock. */
    private final LaneState state;

    private final Deliveries deliveries;
    private final LaneScheduler scheduler;
    private final FetchScheduler fetches;
    private final LaneAttempts attempts;
    private final LaneBatches batches;

    /** @param arrivals gives each delivery of the engine its number */
    Lane(QueueId id, Clocks clocks, SharedLimiter sharedLimiter, Alarm alarm, Listener listener, AtomicLong arrivals) {
        this.id = id;
        this.state = new LaneState(id, clocks, sharedLimiter, alarm, listener, arrivals);
        this.deliveries = state.deliveries;
        var departures = new DepartureRules(deliveries, state.expiry);
        this.fetches = new FetchScheduler(state, departures);
        this.scheduler = new LaneScheduler(state, departures, fetches);
        this.attempts = new LaneAttempts(state, departures, fetches);
        this.batches = new LaneBatches(state);
    }

    /** Where the threads of this lane's attempts report their results. */
    LaneAttempts attempts() {
        return attempts;
    }

    /** Where TaskBatches come in. */
    LaneBatches batches() {
        return batches;
    }

    /** A new batch of this lane, which is to be added. */
    BatchFeed newBatch(BatchOffer offer, long arrival) {
        return new BatchFeed(id, arrival, offer, state.batches);
    }

    /** Takes the queue's settings, first or changed. */
    void applySettings(QueueSettings settings, boolean isNew) {
        synchronized (state) {
            state.retry = settings.retry();
            state.expiry.applySettings(settings.unfinished());
            if (state.queueLimiter == null) {
                state.queueLimiter = new QueueLimiter(settings, isNew, state.clocks.nanos());
                state.notifyChanged(deliveries.pending());
            } else {
                state.queueLimiter.change(settings, state.clocks.nanos());
            }
        }
    }

    /**
     * The queue adds something else to its requests from now on. Requests that were prepared before do not leave. Blocked deliveries are prepared
     * again, each by itself and once: each may have another Service now, or need another Secret.
     */
    void discardPrepared() {
        synchronized (state) {
            state.notifyChanged(deliveries.discardPrepared());
        }
    }

    /** The queue was deleted. Its deliveries stay and wait for a queue of the same name. */
    void removeQueue() {
        synchronized (state) {
            state.queueLimiter = null;
            state.timer.cancel();
            state.notifyChanged(deliveries.pending());
        }
    }

    void add(Delivery delivery, Offer offer) {
        synchronized (state) {
            state.readClocks();
            if (offer.end() != null) {
                deliveries.move(delivery, new DeliveryState.Ending(offer.end()));
            } else if (offer.claim() != null) {
                deliveries.takeSlot();
                long until = Delivery.ceilMillis(offer.claim().until());
                deliveries.move(delivery, new DeliveryState.Claimed(offer.claim(), AttemptPermit.ofClaim()), until);
            } else if (offer.obstacle() != null) {
                state.block(delivery, offer.obstacle());
            } else {
                deliveries.move(delivery, DeliveryState.Waiting.SHARED);
            }
        }
    }

    /** Cancels. A request in flight goes on and keeps its slot until it ends; its outcome is dropped. */
    void remove(Delivery delivery) {
        synchronized (state) {
            state.remove(delivery);
        }
    }

    /**
     * A person wants it sent now, in spite of time, pause, rate and concurrency. Nothing changes if it has left or is ending.
     *
     * @param attempts how many attempts had an outcome when the person asked
     */
    void expedite(Delivery delivery, int attempts) {
        synchronized (state) {
            state.expedite(delivery, attempts);
        }
    }

    /**
     * From now on no delivery leaves that was created before this; requests in flight go on. The time counts also for deliveries that come in
     * later, until it is changed or the purge ends.
     */
    void purge(Instant createdBefore) {
        synchronized (state) {
            state.notifyChanged(deliveries.purge(createdBefore.toEpochMilli()));
        }
    }

    /** Deliveries that the purge has not deleted wait for their turn again. */
    void endPurge() {
        synchronized (state) {
            state.notifyChanged(deliveries.endPurge());
        }
    }

    boolean isPurging() {
        synchronized (state) {
            return deliveries.isPurging();
        }
    }

    /** Whether a purge is to delete it now: it has not ended, and nobody is writing its end. */
    boolean isToBePurged(Delivery delivery) {
        synchronized (state) {
            boolean open = !(delivery.state instanceof DeliveryState.Ending
                    || delivery.state instanceof DeliveryState.Removed);
            return open && deliveries.isToBePurged(delivery);
        }
    }

    List<Delivery> toBePurged() {
        synchronized (state) {
            return deliveries
                    .all()
                    .filter(delivery ->
                            deliveries.isToBePurged(delivery) && !(delivery instanceof BatchFeed.ItemDelivery))
                    .toList();
        }
    }

    int countCreatedBefore(Instant time) {
        synchronized (state) {
            long millis = time.toEpochMilli();
            long tasks = deliveries
                    .all()
                    .filter(delivery -> delivery.createdAt < millis && !(delivery instanceof BatchFeed.ItemDelivery))
                    .count();
            long unfinished = state.batches.all().stream()
                    .filter(batch -> batch.origin.createdAt() < millis)
                    .count();
            return (int) (tasks + unfinished);
        }
    }

    void wake(Obstacle.Subject subject) {
        synchronized (state) {
            deliveries.blocked().wake(subject);
        }
    }

    /**
     * The fence has opened. The token bucket starts empty, so that two leaders together never exceed the rate. Ends that could not be written are
     * tried again, and every delivery is reported, since its status may be out of date.
     */
    void leadershipResumed() {
        synchronized (state) {
            deliveries.endings().leadershipResumed();
            state.notifyChanged(deliveries.all().toList());
            if (state.queueLimiter != null) {
                state.queueLimiter.empty(state.clocks.nanos());
            }
        }
    }

    /** The alarm has rung, so it is not set any more. */
    void alarmRang() {
        synchronized (state) {
            state.timer.rang();
        }
    }

    /** Everything that may happen now, happens: claims end, deliveries leave, probes and preparations start. */
    LaneActions advance(boolean mayAct) {
        synchronized (state) {
            var actions = new LaneActions();
            scheduler.advance(state.newCycle(mayAct), actions);
            return actions;
        }
    }

    /**
     * To be called once per {@value Throttle#WINDOW_SECONDS} s: adapts the enforced rate to the workers' answers, ends deliveries that have
     * expired, and reports deliveries that have come due without leaving.
     */
    void tick(boolean mayAct) {
        synchronized (state) {
            ClockReading now = state.readClocks();
            Throttle.Window window = state.attemptWindow.close();
            if (state.queueLimiter != null) {
                state.queueLimiter.adapt(window, now.nanos());
            }
            fetches.dropStale(now);
            if (mayAct) {
                state.batches.expire(now);
                expireAndReport(now);
                state.lastTickAt = now.millis();
            }
        }
    }

    private void expireAndReport(ClockReading now) {
        for (Delivery delivery : deliveries.pending()) {
            if (state.expiry.isExpired(delivery, now)) {
                state.expire(delivery, now);
            } else if (delivery.dueAt > state.lastTickAt && delivery.dueAt <= now.millis()) {
                // It is due and still waits for its turn: its status has changed from Scheduled to Queued.
                state.listener.statusChanged(delivery.id());
            }
        }
    }

    boolean isClaimed(Delivery delivery) {
        synchronized (state) {
            return delivery.state instanceof DeliveryState.Claimed;
        }
    }

    /** Deliveries whose outcome the API server refuses. */
    List<LaneActions.Action> unwritten() {
        synchronized (state) {
            return deliveries.refusedWrites().all().stream()
                    .map(delivery -> new LaneActions.Action(delivery, delivery.state))
                    .toList();
        }
    }

    /** Deliveries whose request has left. */
    List<Delivery> inFlight() {
        synchronized (state) {
            return deliveries.outgoing().stream()
                    .filter(delivery -> delivery.state instanceof InFlight)
                    .toList();
        }
    }

    /** Null for a delivery that only waits to be deleted, is ending, or is over. */
    @Nullable DeliveryStatus status(Delivery delivery) {
        synchronized (state) {
            return snapshot().status(delivery);
        }
    }

    /** The same status; that of a delivery that waits for its turn says why. */
    @Nullable DeliveryStatus statusWithTurn(Delivery delivery) {
        synchronized (state) {
            DeliveryStatus status = snapshot().status(delivery);
            return status instanceof DeliveryStatus.Queued queued && state.queueLimiter != null
                    ? new DeliveryStatus.Queued(queued.dueAt(), TurnRules.of(state, state.queueLimiter, delivery))
                    : status;
        }
    }

    /** Whether deliveries wait for an obstacle. */
    boolean isBlocked() {
        synchronized (state) {
            return snapshot().isBlocked();
        }
    }

    /** How many deliveries wait for a queue of this name; 0 if it exists. */
    int waitingForQueue() {
        synchronized (state) {
            return state.queueLimiter == null ? deliveries.notInFlight().size() + state.batches.size() : 0;
        }
    }

    QueueStats stats() {
        synchronized (state) {
            return snapshot().stats(state.attemptWindow.lastMinute());
        }
    }

    private LaneSnapshot snapshot() {
        return new LaneSnapshot(id, deliveries, state.batches, state.queueLimiter, state.clocks.millis());
    }

    boolean isEmpty() {
        synchronized (state) {
            return state.queueLimiter == null && deliveries.isEmpty() && state.batches.isEmpty();
        }
    }
}
