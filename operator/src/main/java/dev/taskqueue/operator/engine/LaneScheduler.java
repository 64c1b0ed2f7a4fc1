package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.engine.DeliveryState.Departing;
import dev.taskqueue.operator.engine.DeliveryState.Fetched;
import dev.taskqueue.operator.engine.DeliveryState.Fetching;
import dev.taskqueue.operator.engine.DeliveryState.Prepared;
import dev.taskqueue.operator.engine.DeliveryState.Preparing;
import dev.taskqueue.operator.engine.DeliveryState.Ready;
import dev.taskqueue.operator.engine.DeliveryState.ReadyToFetch;
import dev.taskqueue.operator.engine.DeliveryState.Underway;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides what a lane does next: what ends, leaves, is fetched and prepared, and when to look again. Its lane guards it. */
final class LaneScheduler {
    /** How long before its due time a delivery is prepared, so that reading its body does not make it late. */
    static final Duration LEAD = Duration.ofSeconds(1);
    /** How many deliveries are prepared ahead at most, and how many of them may outnumber the free slots. */
    private static final int WINDOW = 64;

    private static final int SPARE = 8;
    /** How many large requests are read, or wait whole for a token. */
    private static final int FETCHES = 8;
    /** How long a delivery in preparation holds back those due after it. */
    private static final long PATIENCE = Duration.ofMillis(50).toNanos();
    /** What was prepared longer ago than this is prepared anew. */
    private static final long FRESH = Duration.ofSeconds(5).toNanos();

    private final Lane lane;
    private final SharedLimiter gate;
    private final Deliveries places;
    private final ExpiryRules expiry;
    private final LaneTimer bell;
    /** Whether something could not leave because the gate had no room; then the gate tells when there is. */
    private boolean awaitsGate;

    LaneScheduler(Lane lane, SharedLimiter gate, Deliveries places, ExpiryRules expiry, LaneTimer bell) {
        this.lane = lane;
        this.gate = gate;
        this.places = places;
        this.expiry = expiry;
        this.bell = bell;
    }

    /** Whether a delivery may leave, but for what it has to take for that. */
    enum Leave {
        GO,
        /** Not now. */
        HELD,
        /** Not as it is: it is to be deleted, or was prepared from what has changed. */
        RECALLED,
        /** Never again: its time is over. */
        EXPIRED
    }

    /**
     * How a lane stands at the moment of a decision.
     *
     * @param allowance null while the queue does not exist
     * @param mayAct whether this process may send and write
     */
    record Situation(@Nullable QueueLimiter allowance, boolean mayAct, ClockReading now) {
        boolean isPaused() {
            return allowance == null || allowance.settings().paused();
        }
    }

    /**
     * The one question before a request leaves. It is asked when the lane decides, and again at the door, after whatever has taken time.
     *
     * @param expedited whether a person wants it sent past pause, rate and concurrency
     * @param slots how many the lane's requests take, this one's included
     */
    Leave mayLeave(Delivery delivery, boolean expedited, int slots, Situation at) {
        if (isExpired(delivery, at.now())) {
            return Leave.EXPIRED;
        }
        if (places.isToBePurged(delivery)) {
            return Leave.RECALLED;
        }
        QueueLimiter allowance = at.allowance();
        if (!at.mayAct() || allowance == null || isHeldByRefusals(slots, at.now())) {
            return Leave.HELD;
        }
        return expedited || (!at.isPaused() && allowance.hasSlots(slots)) ? Leave.GO : Leave.HELD;
    }

    private boolean isHeldByRefusals(int slots, ClockReading now) {
        return places.refused().isBreaking(now.nanos()) || (places.refused().isFailing() && slots > 1);
    }

    boolean isExpired(Delivery delivery, ClockReading now) {
        return expiry.of(delivery, now.nanos()) <= now.millis();
    }

    /** Everything that may happen now, happens. */
    void advance(Situation at, LaneActions moves) {
        awaitsGate = false;
        QueueLimiter allowance = at.allowance();
        if (at.mayAct()) {
            // 1. What could not be written is written again.
            rewrite(at.now(), moves);
            if (allowance != null) {
                // 2. Attempts of earlier processes whose claims are over have ended.
                endClaims(at.now(), moves);
            }
            if (allowance != null && !places.refused().isBreaking(at.now().nanos())) {
                // 3. What a person wants sent leaves.
                departHurried(at, moves);
                // 4. Obstacles are looked at.
                probe(at, moves);
                if (!at.isPaused()) {
                    // 5. What is ready leaves, and large requests are read.
                    depart(allowance, at, moves);
                    fetch(allowance, at, moves);
                    // 6. What will soon leave is prepared.
                    prepare(allowance, at, moves);
                }
            }
            moves.addAll(places.ends().take());
        }
        setBell(at);
    }

    private void rewrite(ClockReading now, LaneActions moves) {
        for (Delivery delivery : places.refused().due(now.nanos())) {
            if (delivery.state instanceof DeliveryState.Unwritten(Journal.Entry entry)) {
                places.move(delivery, new DeliveryState.Rewriting(entry));
                moves.add(delivery);
            }
        }
    }

    private void endClaims(ClockReading now, LaneActions moves) {
        for (Delivery first = places.firstClaimed();
                first != null && first.dueAt <= now.millis();
                first = places.firstClaimed()) {
            if (first.state instanceof DeliveryState.Claimed(Offer.Claim claim, AttemptPermit pass)) {
                places.move(first, new DeliveryState.Interrupted(claim, pass));
                moves.add(first);
            }
        }
    }

    private void departHurried(Situation at, LaneActions moves) {
        int prepared = 0;
        for (Delivery delivery : places.expedited()) {
            if (isExpired(delivery, at.now())) {
                expire(delivery, at.now());
                continue;
            }
            if (delivery.state instanceof DeliveryState.Waiting && prepared < WINDOW) {
                startPreparing(delivery, at.now(), moves);
            }
            prepared += delivery.state instanceof Underway || delivery.state instanceof Prepared ? 1 : 0;
            if (delivery.state instanceof Prepared ready) {
                leaveHurried(delivery, ready, at, moves);
            }
        }
    }

    private void leaveHurried(Delivery delivery, Prepared ready, Situation at, LaneActions moves) {
        if (mayLeave(delivery, true, places.slots() + 1, at) != Leave.GO) {
            return;
        }
        switch (ready) {
            case Fetched fetched -> send(delivery, fetched.shipment(), fetched.pass(), true, moves);
            case Ready small -> {
                AttemptPermit pass = takePass(small.shipment().size());
                if (pass != null) {
                    send(delivery, small.shipment(), pass, true, moves);
                }
            }
            case ReadyToFetch large -> {
                AttemptPermit pass = takePass(large.size());
                if (pass != null) {
                    startFetching(delivery, pass, at.now(), moves);
                }
            }
        }
    }

    private void probe(Situation at, LaneActions moves) {
        if (isMoving(at)) {
            for (Delivery probe : places.parked().probes(at.now().nanos())) {
                startPreparing(probe, at.now(), moves);
            }
        }
    }

    /** Whether anything may leave: on a paused queue only what is hurried. */
    private boolean isMoving(Situation at) {
        return !at.isPaused() || places.hasHurried();
    }

    private void depart(QueueLimiter allowance, Situation at, LaneActions moves) {
        ClockReading now = at.now();
        for (Delivery head = places.firstPrepared();
                head != null && head.dueAt <= now.millis();
                head = places.firstPrepared()) {
            if (!(head.state instanceof Prepared ready)) {
                return;
            }
            int slots = places.slots() + (ready.kept() == null ? 1 : 0);
            switch (mayLeave(head, false, slots, at)) {
                case EXPIRED -> expire(head, now);
                case RECALLED -> places.move(head, DeliveryState.Waiting.SHARED);
                case HELD -> {
                    if (!displaceFetchedFor(head)) {
                        return;
                    }
                }
                case GO -> {
                    if (!departs(head, ready, allowance, now, moves)) {
                        return;
                    }
                }
            }
        }
    }

    /** Returns whether the next one may have its turn. */
    private boolean departs(
            Delivery head, Prepared ready, QueueLimiter allowance, ClockReading now, LaneActions moves) {
        if (heldBackFor(places.underwayBefore(head), now) > 0) {
            return false;
        }
        if (ready instanceof ReadyToFetch) {
            // It is read anew anyway.
            return false;
        }
        if (now.nanos() - ready.since() > FRESH) {
            startPreparing(head, now, moves);
            return true;
        }
        if (!allowance.hasToken(now.nanos())) {
            return false;
        }
        return sendNow(head, ready, allowance, now, moves) || displaceFetchedFor(head);
    }

    /** What waits whole for its token and is due later gives its slot and its memory to what is due earlier. */
    private boolean displaceFetchedFor(Delivery head) {
        for (Delivery last : places.preparedBackwards()) {
            if (last == head || last.isBefore(head)) {
                return false;
            }
            if (last.state instanceof Fetched) {
                places.move(last, DeliveryState.Waiting.SHARED);
                return true;
            }
        }
        return false;
    }

    /** Takes what is missing and sends. Returns false where something is not to be had. */
    private boolean sendNow(
            Delivery head, Prepared ready, QueueLimiter allowance, ClockReading now, LaneActions moves) {
        AttemptPermit pass =
                ready instanceof Ready small ? takePass(small.shipment().size()) : ready.kept();
        if (pass == null) {
            return false;
        }
        allowance.takeToken(now.nanos());
        pass.takesToken();
        send(head, shipmentOf(ready), pass, false, moves);
        return true;
    }

    private static Dispatcher.PreparedRequest shipmentOf(Prepared ready) {
        return switch (ready) {
            case Ready small -> small.shipment();
            case Fetched whole -> whole.shipment();
            case ReadyToFetch _ -> throw new IllegalStateException("a large request is read before it leaves");
        };
    }

    private void send(
            Delivery delivery,
            Dispatcher.PreparedRequest shipment,
            AttemptPermit pass,
            boolean expedited,
            LaneActions moves) {
        places.move(delivery, new Departing(shipment, pass, places.edition(), expedited));
        moves.add(delivery);
    }

    /** Slot and places in the pools; null where the gate has no room. */
    private @Nullable AttemptPermit takePass(long size) {
        AttemptPermit pass = gate.acquireOrWait(lane, size);
        if (pass == null) {
            awaitsGate = true;
        } else {
            places.takeSlot();
        }
        return pass;
    }

    /** Order is by due time: what is being prepared and due earlier goes first, unless its preparation takes long. */
    private static long heldBackFor(Collection<Delivery> earlier, ClockReading now) {
        long longest = 0;
        for (Delivery delivery : earlier) {
            longest = Math.max(longest, patienceLeft(delivery, now));
        }
        return longest;
    }

    /** How long a delivery in preparation still counts as one that is about to be ready; not positive when it takes long. */
    private static long patienceLeft(Delivery delivery, ClockReading now) {
        return delivery.state instanceof Underway underway ? PATIENCE - (now.nanos() - underway.since()) : 0;
    }

    /** Large requests are read before they take a token, so that the rate holds when they leave. */
    private void fetch(QueueLimiter allowance, Situation at, LaneActions moves) {
        ClockReading now = at.now();
        if (allowance.nanosUntilToken(now.nanos()) > LEAD.toNanos()) {
            return;
        }
        for (Delivery next = nextToFetch(); next != null; next = nextToFetch()) {
            AttemptPermit pass = passToFetch(next, at);
            if (pass != null) {
                startFetching(next, pass, now, moves);
            } else if (!displaceFetchedFor(next)) {
                return;
            }
        }
    }

    /** The pass of a large request that may be in memory from now on; null where it may not, or is not the next one. */
    @Nullable AttemptPermit passToFetch(Delivery delivery, Situation at) {
        ClockReading now = at.now();
        QueueLimiter allowance = at.allowance();
        boolean isNext = allowance != null
                && delivery == nextToFetch()
                && delivery.dueAt <= now.millis()
                && allowance.nanosUntilToken(now.nanos()) <= LEAD.toNanos()
                && places.fetches() < mostFetches(allowance, now)
                && mayLeave(delivery, false, places.slots() + 1, at) == Leave.GO;
        return isNext && delivery.state instanceof ReadyToFetch large ? takePass(large.size()) : null;
    }

    private @Nullable Delivery nextToFetch() {
        for (Delivery delivery : places.prepared()) {
            if (delivery.state instanceof ReadyToFetch) {
                return delivery;
            }
        }
        return null;
    }

    private static int mostFetches(QueueLimiter allowance, ClockReading now) {
        return Math.min(FETCHES, allowance.tokensWithin(LEAD.toNanos(), now.nanos()));
    }

    private void startFetching(Delivery delivery, AttemptPermit pass, ClockReading now, LaneActions moves) {
        places.move(delivery, new Fetching(pass, now.nanos(), places.edition()));
        moves.add(delivery);
    }

    private void prepare(QueueLimiter allowance, Situation at, LaneActions moves) {
        ClockReading now = at.now();
        int room = room(allowance, now);
        for (Delivery head = places.firstWaiting();
                head != null && head.dueAt - LEAD.toMillis() <= now.millis();
                head = places.firstWaiting()) {
            if (isExpired(head, now)) {
                expire(head, now);
            } else if (room > 0) {
                startPreparing(head, now, moves);
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
        Delivery last = places.lastPrepared();
        if (last == null || last.isBefore(head)) {
            return false;
        }
        places.move(last, DeliveryState.Waiting.SHARED);
        return true;
    }

    /** How many more to prepare. Those that take long count against the window alone: the others must not wait for them. */
    private int room(QueueLimiter allowance, ClockReading now) {
        int departures = Math.min(
                allowance.tokensWithin(LEAD.toNanos(), now.nanos()),
                allowance.slotsLeft(places.slots() - places.fetches()) + SPARE);
        int slow = 0;
        for (Delivery delivery : places.underway()) {
            slow += patienceLeft(delivery, now) <= 0 ? 1 : 0;
        }
        return Math.min(WINDOW - places.ahead(), departures - (places.ahead() - slow));
    }

    private void startPreparing(Delivery delivery, ClockReading now, LaneActions moves) {
        places.move(delivery, new Preparing(now.nanos(), places.edition()));
        moves.add(delivery);
    }

    /** Its time is over; that is written with the next {@link #advance}. */
    void expire(Delivery delivery, ClockReading now) {
        places.move(delivery, new DeliveryState.Ending(expiry.end(now)));
    }

    /** What was read whole and did not leave soon gives up its slot and its memory. */
    void dropStale(ClockReading now) {
        List<Delivery> stale = places.prepared().stream()
                .filter(delivery -> delivery.state instanceof Fetched whole && now.nanos() - whole.since() > FRESH)
                .toList();
        stale.forEach(delivery -> places.move(delivery, DeliveryState.Waiting.SHARED));
    }

    private void setBell(Situation at) {
        long wait = untilNext(at);
        // On a standby the alarm stands ready; what is due already waits for the fence to open.
        if (at.mayAct() || wait > 0) {
            bell.set(wait, at.now().nanos());
        }
    }

    /** How many nanoseconds are left until something may happen by time alone. */
    private long untilNext(Situation at) {
        ClockReading now = at.now();
        long wait = places.refused().untilNext(now.nanos());
        QueueLimiter allowance = at.allowance();
        if (allowance == null) {
            return wait;
        }
        Delivery claimed = places.firstClaimed();
        wait = Math.min(wait, claimed == null ? LaneTimer.NEVER : now.until(claimed.dueAt));
        if (places.refused().isBreaking(now.nanos())) {
            return wait;
        }
        if (!at.isPaused()) {
            wait = Math.min(wait, untilDeparture(allowance, now));
            wait = Math.min(wait, untilPreparation(allowance, now));
        }
        if (isMoving(at)) {
            long probeAt = places.parked().nextProbeAt(now.nanos());
            wait = Math.min(wait, probeAt == LaneTimer.NEVER ? LaneTimer.NEVER : Math.max(0, probeAt - now.nanos()));
        }
        return wait;
    }

    private long untilDeparture(QueueLimiter allowance, ClockReading now) {
        Delivery head = places.firstPrepared();
        if (head == null || awaitsGate || !(head.state instanceof Prepared ready)) {
            return LaneTimer.NEVER;
        }
        if (!allowance.hasSlots(places.slots() + (ready.kept() == null ? 1 : 0))) {
            return LaneTimer.NEVER;
        }
        if (head.dueAt > now.millis()) {
            return now.until(head.dueAt);
        }
        if (ready instanceof ReadyToFetch) {
            long left = allowance.nanosUntilToken(now.nanos()) - LEAD.toNanos();
            return left > 0 ? left : LaneTimer.NEVER;
        }
        long held = heldBackFor(places.underwayBefore(head), now);
        return Math.max(held, allowance.nanosUntilToken(now.nanos()));
    }

    private long untilPreparation(QueueLimiter allowance, ClockReading now) {
        Delivery head = places.firstWaiting();
        if (head == null) {
            return LaneTimer.NEVER;
        }
        long from = now.until(head.dueAt - LEAD.toMillis());
        if (room(allowance, now) > 0) {
            return from;
        }
        // The first of those in preparation that turns out to be slow makes room.
        long wait = LaneTimer.NEVER;
        for (Delivery delivery : places.underway()) {
            long left = patienceLeft(delivery, now);
            if (left > 0) {
                wait = Math.min(wait, Math.max(from, left));
            }
        }
        return wait;
    }
}
