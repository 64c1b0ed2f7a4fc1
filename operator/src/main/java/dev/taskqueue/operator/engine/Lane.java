package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.domain.RateLimit;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.domain.Throttle;
import dev.taskqueue.operator.domain.TokenBucket;
import dev.taskqueue.operator.engine.Delivery.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One queue at work: where each of its deliveries is, and which may leave now. Every method takes the lane's lock for a moment, decides, and
 * hands back what is to be done; nothing here sends or writes.
 *
 * <p>The way of a delivery: {@code LATER -> PREPARING -> READY -> IN_FLIGHT} and out, or back to {@code LATER} as a retry; {@code PARKED}
 * while an obstacle keeps it.
 */
final class Lane {
    /** How long before its due time a delivery is prepared, so that reading its body does not make it late. */
    private static final Duration LEAD = Duration.ofSeconds(1);
    /** How many deliveries are prepared ahead at most. */
    private static final int WINDOW = 64;
    /** How many of those may outnumber the free slots. */
    private static final int SPARE = 8;
    /** How long a delivery in preparation holds back those due after it. */
    private static final long PATIENCE = Duration.ofMillis(50).toNanos();
    /** A preparation older than this is made anew. */
    private static final long FRESH = Duration.ofSeconds(5).toNanos();

    final QueueId id;

    private final ReentrantLock lock = new ReentrantLock();
    private final Clock clock;
    private final Gate gate;
    private final Alarm alarm;
    private final Listener listener;

    private final TreeSet<Delivery> later = new TreeSet<>(Delivery.ORDER);
    private final TreeSet<Delivery> preparing = new TreeSet<>(Delivery.ORDER);
    private final TreeSet<Delivery> ready = new TreeSet<>(Delivery.ORDER);
    private final TreeSet<Delivery> claimed = new TreeSet<>(Delivery.ORDER);
    private final Blockades parked = new Blockades();
    private final Pulse pulse = new Pulse();

    private @Nullable QueueSettings settings;
    private @Nullable TokenBucket bucket;
    /** The rules in force, or those that were last in force; null until the queue is first known. */
    private @Nullable RetryPolicy retry;

    private double enforced;
    private int inFlight;
    private boolean awaitsGate;
    /** Epoch milliseconds of the alarm that is set; {@link Long#MAX_VALUE} = none. */
    private long armedAt = Long.MAX_VALUE;

    Lane(QueueId id, Clock clock, Gate gate, Alarm alarm, Listener listener) {
        this.id = id;
        this.clock = clock;
        this.gate = gate;
        this.alarm = alarm;
        this.listener = listener;
    }

    /** Takes the queue's settings, first or changed. */
    void settle(QueueSettings changed, boolean isNew) {
        lock.lock();
        try {
            QueueSettings before = settings;
            settings = changed;
            retry = changed.retry();
            if (bucket == null || before == null) {
                enforced = changed.rate().perSecond();
                bucket = new TokenBucket(changed.rate(), isNew, clock.nanos());
                tellAll();
                return;
            }
            if (!changed.adaptive() || enforced >= before.rate().perSecond()) {
                enforced = changed.rate().perSecond();
            }
            enforced = Math.min(enforced, changed.rate().perSecond());
            bucket.resize(new RateLimit(enforced, changed.rate().burst()), clock.nanos());
        } finally {
            lock.unlock();
        }
    }

    /** The queue was deleted: its deliveries stay, and wait for one of this name. */
    void unsettle() {
        lock.lock();
        try {
            settings = null;
            bucket = null;
            armedAt = Long.MAX_VALUE;
            alarm.clear(id);
            tellAll();
        } finally {
            lock.unlock();
        }
    }

    private void tellAll() {
        waiting().forEach(delivery -> listener.standingChanged(delivery.task));
    }

    void add(Delivery delivery, Offer offer) {
        lock.lock();
        try {
            if (offer.claim() != null) {
                claim(delivery, offer.claim());
            } else if (offer.obstacle() != null) {
                parked.park(delivery, offer.obstacle(), clock.nanos());
            } else {
                later.add(delivery);
            }
        } finally {
            lock.unlock();
        }
    }

    private void claim(Delivery delivery, Offer.Claim claim) {
        delivery.place = Place.CLAIMED;
        delivery.dueAt = Delivery.ceilMillis(claim.until());
        delivery.flight = new Delivery.Flight(clock.nanos());
        delivery.flight.claim = claim;
        claimed.add(delivery);
        inFlight++;
    }

    /** Cancels. A request in flight goes on and keeps its slot to its end; its outcome is dropped. */
    void remove(Delivery delivery) {
        lock.lock();
        try {
            switch (delivery.place) {
                case LATER -> later.remove(delivery);
                case PREPARING -> {
                    preparing.remove(delivery);
                    parked.remove(delivery);
                }
                case READY -> ready.remove(delivery);
                case PARKED -> parked.remove(delivery);
                case CLAIMED -> {
                    claimed.remove(delivery);
                    inFlight--;
                }
                case IN_FLIGHT, ENDING, GONE -> {}
            }
            delivery.place = Place.GONE;
        } finally {
            lock.unlock();
        }
    }

    void wake(Obstacle.Subject subject) {
        lock.lock();
        try {
            parked.wake(subject);
        } finally {
            lock.unlock();
        }
    }

    /** The alarm has rung, so it is not set any more. */
    void rung() {
        lock.lock();
        try {
            armedAt = Long.MAX_VALUE;
        } finally {
            lock.unlock();
        }
    }

    /** Everything that may happen now, happens: claims end, probes and preparations start, what is ready and allowed leaves. */
    Moves advance(boolean mayAct) {
        var moves = new Moves();
        lock.lock();
        try {
            QueueSettings settings = this.settings;
            TokenBucket bucket = this.bucket;
            if (settings == null || bucket == null || !mayAct) {
                return moves;
            }
            long now = clock.millis();
            long nanos = clock.nanos();
            endClaims(now, moves);
            if (!settings.paused()) {
                depart(settings, bucket, now, nanos, moves);
                for (Delivery probe : parked.probes(nanos)) {
                    startPreparing(probe, nanos, moves);
                }
                prepare(settings, bucket, now, nanos, moves);
            }
            arm(settings, bucket, now, nanos);
        } finally {
            lock.unlock();
        }
        return moves;
    }

    private void endClaims(long now, Moves moves) {
        while (!claimed.isEmpty() && claimed.first().dueAt <= now) {
            Delivery delivery = Objects.requireNonNull(claimed.pollFirst());
            delivery.place = Place.IN_FLIGHT;
            moves.toInterrupt.add(delivery);
        }
    }

    private void depart(QueueSettings settings, TokenBucket bucket, long now, long nanos, Moves moves) {
        while (!ready.isEmpty() && inFlight < settings.maxConcurrent()) {
            Delivery head = ready.first();
            if (head.dueAt > now || isHeldBack(head, nanos)) {
                return;
            }
            if (expiresAt(head, settings) <= now) {
                ready.remove(head);
                expire(head, moves);
            } else if (nanos - Objects.requireNonNull(head.flight).since > FRESH) {
                ready.remove(head);
                startPreparing(head, nanos, moves);
            } else if (bucket.nanosUntilNext(nanos) > 0 || !enterGate()) {
                return;
            } else {
                bucket.tryTake(nanos);
                ready.remove(head);
                head.place = Place.IN_FLIGHT;
                inFlight++;
                moves.toSend.add(head);
            }
        }
    }

    /** Order is by due time: what is being prepared and due earlier goes first, unless its preparation takes long. */
    private boolean isHeldBack(Delivery head, long nanos) {
        for (Delivery earlier : preparing) {
            if (!earlier.isBefore(head)) {
                return false;
            }
            if (nanos - Objects.requireNonNull(earlier.flight).since < PATIENCE) {
                return true;
            }
        }
        return false;
    }

    private boolean enterGate() {
        if (gate.tryEnter(inFlight)) {
            return true;
        }
        if (!awaitsGate) {
            awaitsGate = true;
            gate.await(this);
        }
        return false;
    }

    /** The gate may have room again. */
    void gateOpened() {
        lock.lock();
        try {
            awaitsGate = false;
        } finally {
            lock.unlock();
        }
    }

    boolean awaitsGate() {
        lock.lock();
        try {
            return awaitsGate;
        } finally {
            lock.unlock();
        }
    }

    private void prepare(QueueSettings settings, TokenBucket bucket, long now, long nanos, Moves moves) {
        int room = room(settings, bucket, nanos);
        while (room > 0 && !later.isEmpty() && later.first().dueAt - LEAD.toMillis() <= now) {
            Delivery delivery = Objects.requireNonNull(later.pollFirst());
            if (expiresAt(delivery, settings) <= now) {
                expire(delivery, moves);
            } else {
                startPreparing(delivery, nanos, moves);
                room--;
            }
        }
    }

    private int room(QueueSettings settings, TokenBucket bucket, long nanos) {
        int tokens = Math.max(1, bucket.availableWithin(LEAD.toNanos(), nanos));
        int slots = Math.max(0, settings.maxConcurrent() - inFlight) + SPARE;
        return Math.min(WINDOW, Math.min(tokens, slots)) - preparing.size() - ready.size();
    }

    private void startPreparing(Delivery delivery, long nanos, Moves moves) {
        delivery.place = Place.PREPARING;
        delivery.flight = new Delivery.Flight(nanos);
        preparing.add(delivery);
        moves.toPrepare.add(delivery);
    }

    /** The delivery has all it needs. */
    void prepared(Delivery delivery, Dispatcher.Shipment shipment) {
        lock.lock();
        try {
            if (delivery.place == Place.PREPARING) {
                preparing.remove(delivery);
                release(delivery, null);
                Objects.requireNonNull(delivery.flight).shipment = shipment;
                delivery.place = Place.READY;
                ready.add(delivery);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The delivery in preparation cannot go yet. */
    void blocked(Delivery delivery, Obstacle obstacle) {
        lock.lock();
        try {
            if (delivery.place == Place.PREPARING) {
                preparing.remove(delivery);
                park(delivery, obstacle);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The delivery was about to leave and does not: slot and token are given back, it costs no attempt. */
    void turnedBack(Delivery delivery, @Nullable Obstacle obstacle) {
        lock.lock();
        try {
            inFlight--;
            if (bucket != null) {
                bucket.giveBack();
            }
            if (delivery.place != Place.IN_FLIGHT) {
                return;
            }
            if (obstacle == null) {
                delivery.flight = null;
                delivery.place = Place.LATER;
                later.add(delivery);
            } else {
                park(delivery, obstacle);
            }
        } finally {
            lock.unlock();
        }
    }

    private void park(Delivery delivery, Obstacle obstacle) {
        release(delivery, obstacle.subject());
        delivery.flight = null;
        parked.park(delivery, obstacle, clock.nanos());
    }

    private void release(Delivery delivery, Obstacle.@Nullable Subject blockedBy) {
        for (Delivery free : parked.passed(delivery, blockedBy)) {
            free.place = Place.LATER;
            later.add(free);
            listener.standingChanged(free.task);
        }
    }

    /** The outcome is written, or nobody waits for it: the slot is free, and the delivery is over or due again. */
    void landed(Delivery delivery, @Nullable Instant againAt) {
        lock.lock();
        try {
            inFlight--;
            delivery.flight = null;
            if (delivery.place == Place.IN_FLIGHT && againAt != null) {
                delivery.dueAt = Delivery.ceilMillis(againAt);
                delivery.place = Place.LATER;
                later.add(delivery);
            } else {
                delivery.place = Place.GONE;
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isAt(Delivery delivery, Place place) {
        lock.lock();
        try {
            return delivery.place == place;
        } finally {
            lock.unlock();
        }
    }

    void count(Outcome outcome) {
        lock.lock();
        try {
            pulse.count(outcome);
        } finally {
            lock.unlock();
        }
    }

    /** The retry rules as they stand; a queue that was deleted keeps its last ones for what it has in flight. */
    RetryPolicy retry() {
        lock.lock();
        try {
            return Objects.requireNonNull(retry, "nothing leaves before the queue is known");
        } finally {
            lock.unlock();
        }
    }

    /** Once per {@value Throttle#WINDOW_SECONDS} s: the enforced rate follows what the workers say, and what has expired ends. */
    Moves tick() {
        var moves = new Moves();
        lock.lock();
        try {
            Throttle.Window window = pulse.turn();
            if (settings == null || bucket == null) {
                return moves;
            }
            double limit = settings.rate().perSecond();
            double next = settings.adaptive() ? Throttle.next(limit, enforced, window) : limit;
            if (next != enforced) {
                enforced = next;
                bucket.resize(new RateLimit(enforced, settings.rate().burst()), clock.nanos());
            }
            endExpired(settings, clock.millis(), moves);
        } finally {
            lock.unlock();
        }
        return moves;
    }

    private void endExpired(QueueSettings settings, long now, Moves moves) {
        for (Delivery delivery : waiting().toList()) {
            if (expiresAt(delivery, settings) <= now) {
                switch (delivery.place) {
                    case LATER -> later.remove(delivery);
                    case READY -> ready.remove(delivery);
                    default -> parked.remove(delivery);
                }
                expire(delivery, moves);
            }
        }
    }

    private Stream<Delivery> waiting() {
        return Stream.of(later.stream(), ready.stream(), parked.all().stream()).flatMap(deliveries -> deliveries);
    }

    private static void expire(Delivery delivery, Moves moves) {
        delivery.place = Place.ENDING;
        delivery.flight = null;
        moves.toEnd.add(new Moves.End(
                delivery,
                new Ending(
                        Ending.Reason.Expired,
                        "The Task was not delivered before its expireTime or its queue's retention.unfinished.")));
    }

    private static long expiresAt(Delivery delivery, QueueSettings settings) {
        return Math.min(
                delivery.expireAt, delivery.createdAt + settings.unfinished().toMillis());
    }

    /** Sets the alarm to the next time at which something may happen by time alone. */
    private void arm(QueueSettings settings, TokenBucket bucket, long now, long nanos) {
        long wakeAt = claimed.isEmpty() ? Long.MAX_VALUE : claimed.first().dueAt;
        if (!settings.paused()) {
            wakeAt = Math.min(wakeAt, nextDeparture(settings, bucket, now, nanos));
            if (!later.isEmpty() && room(settings, bucket, nanos) > 0) {
                wakeAt = Math.min(wakeAt, later.first().dueAt - LEAD.toMillis());
            }
            long probeAt = parked.nextProbeAt(nanos);
            wakeAt = Math.min(wakeAt, probeAt == Long.MAX_VALUE ? probeAt : now + ceilMillis(probeAt - nanos));
        }
        if (wakeAt == armedAt) {
            return;
        }
        armedAt = wakeAt;
        if (wakeAt == Long.MAX_VALUE) {
            alarm.clear(id);
        } else {
            alarm.set(id, Instant.ofEpochMilli(wakeAt));
        }
    }

    private long nextDeparture(QueueSettings settings, TokenBucket bucket, long now, long nanos) {
        if (ready.isEmpty() || awaitsGate || inFlight >= settings.maxConcurrent()) {
            return Long.MAX_VALUE;
        }
        Delivery head = ready.first();
        if (head.dueAt > now) {
            return head.dueAt;
        }
        return now + ceilMillis(isHeldBack(head, nanos) ? PATIENCE : bucket.nanosUntilNext(nanos));
    }

    private static long ceilMillis(long nanos) {
        return (nanos + 999_999) / 1_000_000;
    }

    Standing standing(Delivery delivery) {
        lock.lock();
        try {
            Delivery.Flight flight = delivery.flight;
            if (delivery.place == Place.IN_FLIGHT
                    && flight != null
                    && flight.dispatchedAt != null
                    && flight.shipment != null) {
                return new Standing.Dispatching(
                        delivery.progress,
                        Instant.ofEpochMilli(delivery.dueAt),
                        flight.dispatchedAt,
                        flight.dispatchedAt.plus(flight.shipment.deadline()));
            }
            Instant dueAt = Instant.ofEpochMilli(delivery.dueAt);
            Obstacle obstacle = settings == null ? noQueue() : parked.obstacleOf(delivery);
            if (obstacle != null) {
                return new Standing.Blocked(obstacle);
            }
            if (delivery.dueAt <= clock.millis()) {
                return new Standing.Queued(dueAt);
            }
            return delivery.progress.roundAttempts() > 0
                    ? new Standing.BackingOff(dueAt)
                    : new Standing.Scheduled(dueAt);
        } finally {
            lock.unlock();
        }
    }

    private Obstacle noQueue() {
        return new Obstacle(
                Obstacle.Reason.QueueNotFound,
                new Obstacle.Subject(Obstacle.Kind.TaskQueue, id.namespace(), id.name()),
                "TaskQueue " + id + " does not exist: create it, and the Task goes by itself.");
    }

    QueueStats stats() {
        lock.lock();
        try {
            long now = clock.millis();
            List<Delivery> all = Stream.concat(waiting(), preparing.stream()).toList();
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
            var counts = parked.counts();
            if (settings == null && !all.isEmpty()) {
                counts.merge(Obstacle.Reason.QueueNotFound, all.size(), Integer::sum);
            }
            return new QueueStats(
                    scheduled,
                    due,
                    inFlight,
                    all.size() - due - scheduled,
                    all.isEmpty() ? null : Instant.ofEpochMilli(oldest),
                    pulse.lastMinute(),
                    settings == null ? 0 : enforced,
                    counts);
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return settings == null
                    && later.isEmpty()
                    && preparing.isEmpty()
                    && ready.isEmpty()
                    && claimed.isEmpty()
                    && parked.isEmpty()
                    && inFlight == 0;
        } finally {
            lock.unlock();
        }
    }
}
