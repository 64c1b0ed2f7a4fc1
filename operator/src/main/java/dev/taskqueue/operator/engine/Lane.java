package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.domain.Throttle;
import dev.taskqueue.operator.engine.Delivery.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One queue at work: which of its deliveries may leave now. Every method holds the lane's monitor for a moment, decides, and hands back
 * what is to be done; nothing here sends or writes.
 *
 * <p>The way of a delivery: {@code LATER -> PREPARING -> READY -> IN_FLIGHT} and out, or back to {@code LATER} as a retry; {@code PARKED}
 * while an obstacle keeps it, {@code PURGED} once it is to be deleted.
 */
final class Lane {
    /** How long before its due time a delivery is prepared, so that reading its body does not make it late. */
    private static final Duration LEAD = Duration.ofSeconds(1);
    /** How many deliveries are prepared ahead at most, and how many of them may outnumber the free slots. */
    private static final int WINDOW = 64;

    private static final int SPARE = 8;
    /** How long a delivery in preparation holds back those due after it. */
    private static final long PATIENCE = Duration.ofMillis(50).toNanos();
    /** What was prepared longer ago than this is prepared anew. */
    private static final long FRESH = Duration.ofSeconds(5).toNanos();

    final QueueId id;

    private final Clock clock;
    private final Gate gate;
    private final Listener listener;

    private final Bell bell;
    private final Expiry expiry;
    private final Places places = new Places();
    private final Pulse pulse = new Pulse();
    /** Null while the queue does not exist. */
    private @Nullable Allowance allowance;
    /** The rules in force, or those that were last in force; null until the queue is first known. */
    private @Nullable RetryPolicy retry;

    /** Whether the last departure ended at the gate; then the gate tells when there is room. */
    private boolean awaitsGate;
    /** Whether the gate has this lane on its list. */
    private boolean isListed;
    /** Epoch milliseconds of the last tick: what came due by then was told. */
    private long tickedAt;

    Lane(QueueId id, Clock clock, Gate gate, Alarm alarm, Listener listener) {
        this.id = id;
        this.clock = clock;
        this.gate = gate;
        this.listener = listener;
        this.bell = new Bell(id, alarm);
        this.expiry = new Expiry(clock.nanos());
    }

    /** Takes the queue's settings, first or changed. */
    synchronized void settle(QueueSettings settings, boolean isNew) {
        retry = settings.retry();
        expiry.settle(settings.unfinished());
        if (allowance == null) {
            allowance = new Allowance(settings, isNew, clock.nanos());
            tellAll();
        } else {
            allowance.change(settings, clock.nanos());
        }
    }

    /**
     * What the queue adds to requests has changed. Nothing leaves that was made of what it was before; and what waits for an obstacle is
     * looked at one by one, for once: each may go to another Service now, or need another Secret.
     */
    synchronized void outdate() {
        places.outdate().forEach(delivery -> listener.standingChanged(delivery.id()));
    }

    /** The queue was deleted: its deliveries stay, and wait for one of this name. */
    synchronized void unsettle() {
        allowance = null;
        bell.silence();
        tellAll();
    }

    private void tellAll() {
        places.waiting().forEach(delivery -> listener.standingChanged(delivery.id()));
    }

    synchronized void add(Delivery delivery, Offer offer) {
        if (offer.end() != null) {
            places.toEnding(delivery, offer.end());
        } else if (offer.claim() != null) {
            places.toClaimed(delivery, offer.claim(), clock.nanos());
        } else if (offer.obstacle() != null) {
            places.toParked(delivery, offer.obstacle(), clock.nanos());
        } else {
            places.toLater(delivery);
        }
    }

    /** Cancels. A request in flight goes on and keeps its slot to its end; its outcome is dropped. */
    synchronized void remove(Delivery delivery) {
        places.toGone(delivery);
    }

    /** A person wants it sent now, past time, pause, rate and concurrency. Changes nothing where it has left or is ending. */
    synchronized void hurry(Delivery delivery) {
        switch (delivery.place) {
            case LATER, PREPARING, READY, PARKED -> places.hurry(delivery, clock.millis());
            case CLAIMED, IN_FLIGHT, PURGED, ENDING, GONE -> {}
        }
    }

    /**
     * From now on nothing leaves that was created before this; what is in flight goes on. That time stands until it is moved or the purge
     * ends, whoever comes in.
     */
    synchronized void purge(Instant createdBefore) {
        places.purge(createdBefore.toEpochMilli()).forEach(delivery -> listener.standingChanged(delivery.id()));
    }

    /** What is still here of a purge waits for its turn again. */
    synchronized void endPurge() {
        places.endPurge().forEach(delivery -> listener.standingChanged(delivery.id()));
    }

    synchronized boolean isPurging() {
        return places.isPurging();
    }

    /** Whether a purge is to delete it now: it has not ended, and nobody is writing that it has. */
    synchronized boolean isToBePurged(Delivery delivery) {
        return places.isToBePurged(delivery) && delivery.place != Place.ENDING && delivery.place != Place.GONE;
    }

    synchronized List<Delivery> toBePurged() {
        return places.all().filter(places::isToBePurged).toList();
    }

    synchronized List<Delivery> inFlight() {
        return places.flying();
    }

    /** Its end could not be written now. It waits for the fence to open again. */
    synchronized void notEnded(Delivery delivery) {
        places.notEnded(delivery);
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
    synchronized void opened() {
        places.opened();
        places.all().forEach(delivery -> listener.standingChanged(delivery.id()));
        if (allowance != null) {
            allowance.empty(clock.nanos());
        }
    }

    /** The alarm has rung, so it is not set any more. */
    synchronized void rung() {
        bell.rung();
    }

    /** The gate may have room again. */
    synchronized void gateOpened() {
        isListed = false;
    }

    synchronized boolean awaitsGate() {
        return awaitsGate;
    }

    /** Everything that may happen now, happens: claims end, deliveries leave, probes and preparations start. */
    synchronized Moves advance(boolean mayAct) {
        var moves = new Moves();
        if (mayAct) {
            moves.toEnd.addAll(places.takeUnended());
        }
        Allowance allowance = this.allowance;
        if (allowance == null) {
            return moves;
        }
        long now = clock.millis();
        long nanos = clock.nanos();
        if (!mayAct) {
            // On a standby the alarm stands ready; what is due already waits for the fence to open.
            long wakeAt = wakeAt(allowance, now, nanos);
            if (wakeAt > now) {
                bell.set(wakeAt, now);
            }
            return moves;
        }
        awaitsGate = false;
        endClaims(now, moves);
        departHurried(now, nanos, moves);
        if (isMoving(allowance)) {
            for (Delivery probe : places.parked().probes(nanos)) {
                startPreparing(probe, nanos, moves);
            }
        }
        if (!allowance.settings().paused()) {
            depart(allowance, now, nanos, moves);
            prepare(allowance, now, nanos, moves);
        }
        bell.set(wakeAt(allowance, now, nanos), now);
        return moves;
    }

    private void endClaims(long now, Moves moves) {
        for (Delivery first = places.firstClaimed();
                first != null && first.dueAt <= now;
                first = places.firstClaimed()) {
            places.toInFlight(first);
            moves.toInterrupt.add(first);
        }
    }

    /** Whether anything may leave: on a paused queue only what is hurried. */
    private boolean isMoving(Allowance allowance) {
        return !allowance.settings().paused() || places.hasHurried();
    }

    private void departHurried(long now, long nanos, Moves moves) {
        int prepared = 0;
        for (Delivery delivery : places.hurried()) {
            if (isExpired(delivery, now)) {
                expire(delivery, moves);
                continue;
            }
            if (delivery.place == Place.LATER && prepared < WINDOW) {
                startPreparing(delivery, nanos, moves);
            }
            prepared += delivery.place == Place.PREPARING || delivery.place == Place.READY ? 1 : 0;
            if (delivery.place == Place.READY && enterGate(delivery)) {
                send(delivery, true, moves);
            }
        }
    }

    private void send(Delivery delivery, boolean hurried, Moves moves) {
        places.toInFlight(delivery);
        Objects.requireNonNull(delivery.flight).hurried = hurried;
        moves.toSend.add(delivery);
    }

    private void depart(Allowance allowance, long now, long nanos, Moves moves) {
        for (Delivery head = places.firstReady(); head != null; head = places.firstReady()) {
            if (head.dueAt > now
                    || !allowance.hasSlot(places.inFlight())
                    || heldBackFor(places.preparingBefore(head), nanos) > 0) {
                return;
            }
            if (isExpired(head, now)) {
                expire(head, moves);
            } else if (nanos - Objects.requireNonNull(head.flight).since > FRESH) {
                startPreparing(head, nanos, moves);
            } else if (allowance.hasToken(nanos) && enterGate(head)) {
                allowance.takeToken(nanos);
                send(head, false, moves);
            } else {
                return;
            }
        }
    }

    /** Order is by due time: what is being prepared and due earlier goes first, unless its preparation takes long. */
    private static long heldBackFor(Collection<Delivery> earlier, long nanos) {
        return earlier.stream()
                .mapToLong(delivery -> patienceLeft(delivery, nanos))
                .max()
                .orElse(0);
    }

    /** How long a delivery in preparation still counts as one that is about to be ready; not positive when it takes long. */
    private static long patienceLeft(Delivery delivery, long nanos) {
        return PATIENCE - (nanos - Objects.requireNonNull(delivery.flight).since);
    }

    private boolean enterGate(Delivery delivery) {
        if (tryGate(delivery)) {
            return true;
        }
        if (!isListed) {
            isListed = true;
            gate.await(this, places.inFlight());
            // The room may have come between the refusal and the list.
            if (tryGate(delivery)) {
                return true;
            }
        }
        awaitsGate = true;
        return false;
    }

    private boolean tryGate(Delivery delivery) {
        long size = Objects.requireNonNull(delivery.flight).size;
        return gate.tryEnter(size, places.inFlight(), places.bytesInFlight());
    }

    private void prepare(Allowance allowance, long now, long nanos, Moves moves) {
        int room = room(allowance, nanos);
        for (Delivery head = places.firstLater();
                head != null && head.dueAt - LEAD.toMillis() <= now;
                head = places.firstLater()) {
            if (isExpired(head, now)) {
                expire(head, moves);
            } else if (room > 0) {
                startPreparing(head, nanos, moves);
                room--;
            } else if (!displaceLastFor(head)) {
                return;
            } else {
                room++;
            }
        }
    }

    /** What is ready and due later makes room for what is due earlier. */
    private boolean displaceLastFor(Delivery head) {
        Delivery last = places.lastReady();
        if (last == null || last.isBefore(head)) {
            return false;
        }
        places.toLater(last);
        return true;
    }

    /** How many more to prepare. Those that take long count against the window alone: the others must not wait for them. */
    private int room(Allowance allowance, long nanos) {
        int departures = allowance.departuresWithin(LEAD.toNanos(), places.inFlight(), SPARE, nanos);
        int slow = (int) places.preparing().stream()
                .filter(delivery -> patienceLeft(delivery, nanos) <= 0)
                .count();
        return Math.min(WINDOW - places.prepared(), departures - (places.prepared() - slow));
    }

    private void startPreparing(Delivery delivery, long nanos, Moves moves) {
        places.toPreparing(delivery, nanos);
        moves.toPrepare.add(delivery);
    }

    /** The next time at which something may happen by time alone. */
    private long wakeAt(Allowance allowance, long now, long nanos) {
        Delivery claimed = places.firstClaimed();
        long wakeAt = claimed == null ? Bell.NEVER : claimed.dueAt;
        if (!allowance.settings().paused()) {
            wakeAt = Math.min(wakeAt, nextDeparture(allowance, now, nanos));
            wakeAt = Math.min(wakeAt, nextPreparation(allowance, now, nanos));
        }
        if (isMoving(allowance)) {
            long probeAt = places.parked().nextProbeAt(nanos);
            wakeAt = Math.min(wakeAt, probeAt == Bell.NEVER ? Bell.NEVER : now + ceilMillis(probeAt - nanos));
        }
        return wakeAt;
    }

    private long nextDeparture(Allowance allowance, long now, long nanos) {
        Delivery head = places.firstReady();
        if (head == null || awaitsGate || !allowance.hasSlot(places.inFlight())) {
            return Bell.NEVER;
        }
        if (head.dueAt > now) {
            return head.dueAt;
        }
        long held = heldBackFor(places.preparingBefore(head), nanos);
        return now + ceilMillis(Math.max(held, allowance.nanosUntilToken(nanos)));
    }

    private long nextPreparation(Allowance allowance, long now, long nanos) {
        Delivery head = places.firstLater();
        if (head == null) {
            return Bell.NEVER;
        }
        long from = head.dueAt - LEAD.toMillis();
        if (room(allowance, nanos) > 0) {
            return from;
        }
        // The first of those in preparation that turns out to be slow makes room.
        return places.preparing().stream()
                .mapToLong(delivery -> patienceLeft(delivery, nanos))
                .filter(left -> left > 0)
                .map(left -> Math.max(from, now + ceilMillis(left)))
                .min()
                .orElse(Bell.NEVER);
    }

    private static long ceilMillis(long nanos) {
        return (nanos + 999_999) / 1_000_000;
    }

    /** The delivery has all it needs. */
    synchronized void prepared(Delivery delivery, Dispatcher.Shipment shipment) {
        if (delivery.place == Place.PREPARING) {
            boolean outdated = Objects.requireNonNull(delivery.flight).outdated;
            release(delivery, null);
            // Only a probe is looked at ahead of its time.
            if (outdated || delivery.dueAt - LEAD.toMillis() > clock.millis()) {
                places.toLater(delivery);
            } else {
                places.toReady(delivery, shipment, clock.nanos());
            }
        }
    }

    /** The delivery in preparation cannot go yet. */
    synchronized void blocked(Delivery delivery, Obstacle obstacle) {
        if (delivery.place != Place.PREPARING) {
            return;
        }
        if (Objects.requireNonNull(delivery.flight).outdated) {
            release(delivery, null);
            places.toLater(delivery);
        } else {
            park(delivery, obstacle);
        }
    }

    /** The delivery was about to leave and does not: slot and token are given back, it costs no attempt. */
    synchronized void turnedBack(Delivery delivery, @Nullable Obstacle obstacle) {
        boolean hurried = Objects.requireNonNull(delivery.flight).hurried;
        if (allowance != null && !hurried) {
            allowance.giveTokenBack();
        }
        if (delivery.place != Place.IN_FLIGHT) {
            places.land(delivery);
            return;
        }
        if (obstacle == null) {
            places.toLater(delivery);
        } else {
            park(delivery, obstacle);
        }
        if (hurried && delivery.place != Place.PURGED) {
            places.hurryAgain(delivery);
        }
    }

    private void park(Delivery delivery, Obstacle obstacle) {
        release(delivery, obstacle.subject());
        places.toParked(delivery, obstacle, clock.nanos());
    }

    /** If the delivery was a probe, those that wait behind it are free. */
    private void release(Delivery delivery, Obstacle.@Nullable Subject blockedBy) {
        for (Delivery free : places.parked().passed(delivery, blockedBy)) {
            places.toLater(free);
            listener.standingChanged(free.id());
        }
    }

    /** The outcome is written, or nobody waits for it: the slot is free, and the delivery is over or due again. */
    synchronized void landed(Delivery delivery, @Nullable Instant againAt) {
        if (delivery.place == Place.IN_FLIGHT && againAt != null) {
            delivery.dueAt = Delivery.ceilMillis(againAt);
            places.toLater(delivery);
        } else {
            places.land(delivery);
            delivery.flight = null;
        }
    }

    synchronized boolean isAt(Delivery delivery, Place place) {
        return delivery.place == place;
    }

    /** Whether what is about to be sent is not to be sent any more, or not as it is. */
    synchronized boolean isRecalled(Delivery delivery) {
        return delivery.place == Place.GONE
                || places.isToBePurged(delivery)
                || (delivery.flight != null && delivery.flight.outdated);
    }

    synchronized void count(Outcome outcome) {
        pulse.count(outcome);
    }

    /** The retry rules as they stand; a queue that was deleted keeps its last ones for what it has in flight. */
    synchronized RetryPolicy retry() {
        return Objects.requireNonNull(retry, "nothing leaves before the queue is known");
    }

    /**
     * Once per {@value Throttle#WINDOW_SECONDS} s: the enforced rate follows what the workers say, what has expired ends, and what has come
     * due without leaving is told.
     */
    synchronized Moves tick(boolean mayAct) {
        var moves = new Moves();
        Throttle.Window window = pulse.turn();
        if (allowance != null) {
            allowance.follow(window, clock.nanos());
        }
        if (mayAct) {
            long now = clock.millis();
            for (Delivery delivery : places.waiting()) {
                if (isExpired(delivery, now)) {
                    expire(delivery, moves);
                } else if (delivery.dueAt > tickedAt && delivery.dueAt <= now) {
                    // Its time has come, and its turn has not: it is no longer what it was told to be.
                    listener.standingChanged(delivery.id());
                }
            }
            tickedAt = now;
        }
        return moves;
    }

    private void expire(Delivery delivery, Moves moves) {
        places.toEnding(delivery, new Offer.End(Expiry.EXPIRED, clock.instant()));
        moves.toEnd.addAll(places.takeUnended());
    }

    private boolean isExpired(Delivery delivery, long now) {
        return expiry.of(delivery, clock.nanos()) <= now;
    }

    /** Null for what only waits to be deleted. */
    synchronized @Nullable Standing standing(Delivery delivery) {
        return survey().standing(delivery);
    }

    synchronized QueueStats stats() {
        return survey().stats(pulse.lastMinute());
    }

    private Survey survey() {
        return new Survey(id, places, allowance, clock.millis());
    }

    synchronized boolean isEmpty() {
        return allowance == null && places.isEmpty();
    }
}
