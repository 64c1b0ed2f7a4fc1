package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.Progress;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.domain.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All queues at work. Deliveries come in by {@link #offer}; each lane decides what leaves; every attempt runs on a thread of its own and
 * goes out by the {@link Journal}.
 */
public final class Engine {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    /** Who the engine works with. */
    public record Ports(Dispatcher dispatcher, Journal journal, Alarm alarm, Fence fence, Listener listener) {}

    /**
     * Bounds over all queues.
     *
     * @param maxInFlight open requests
     * @param maxBytes memory for requests, from their departure until their outcome is written
     * @param maxUnwritten outcomes that wait for their write
     */
    public record Limits(int maxInFlight, long maxBytes, int maxUnwritten) {
        /** Without a bound on memory. */
        public Limits(int maxInFlight, int maxUnwritten) {
            this(maxInFlight, Long.MAX_VALUE, maxUnwritten);
        }
    }

    private final Ports ports;
    private final Gate gate;
    private final Clock clock;
    private final Executor attempts;
    private final RandomGenerator random;
    private final AtomicLong arrivals = new AtomicLong();
    private final Map<QueueId, Lane> lanes = new ConcurrentHashMap<>();

    private volatile boolean stopped;

    /** @param attempts runs each attempt; where it blocks, it must not hold up the others */
    public Engine(Ports ports, Limits limits, Clock clock, Executor attempts, RandomGenerator random) {
        this.ports = ports;
        this.gate = new Gate(limits);
        this.clock = clock;
        this.attempts = attempts;
        this.random = random;
    }

    /**
     * A queue's settings, first or changed; they count from now.
     *
     * @param isNew whether nobody has served the queue before: only then it may start with a burst
     */
    public void settle(QueueId queue, QueueSettings settings, boolean isNew) {
        advance(enter(queue, lane -> lane.settle(settings, isNew)));
    }

    /** What the dispatcher makes of this queue's Tasks is another now: nothing leaves as it was prepared before. What is in flight goes on. */
    public void outdate(QueueId queue) {
        Lane lane = lanes.get(queue);
        if (lane != null) {
            lane.outdate();
            advance(lane);
        }
    }

    /** The queue is gone. Its deliveries wait for one of the same name. */
    public void unsettle(QueueId queue) {
        Lane lane = lanes.get(queue);
        if (lane != null) {
            lane.unsettle();
            dropIfEmpty(lane);
        }
    }

    /**
     * The one entrance: the beginning of a delivery. The engine does not look for another delivery of the same Task, so whoever offers cancels
     * the one before, where that has not ended.
     */
    public Delivery offer(Offer offer) {
        var entered = new AtomicReference<Delivery>();
        Lane lane = enter(offer.queue(), here -> {
            var delivery = new Delivery(here, arrivals.getAndIncrement(), offer);
            here.add(delivery, offer);
            entered.setPlain(delivery);
        });
        advance(lane);
        if (offer.end() == null) {
            ports.listener().standingChanged(offer.id());
        }
        return entered.getPlain();
    }

    /** The Task was deleted, or ended elsewhere: nothing of it leaves any more. */
    public void cancel(Delivery delivery) {
        delivery.lane.remove(delivery);
        advance(delivery.lane);
        dropIfEmpty(delivery.lane);
    }

    /**
     * A person wants the Task sent now, past its time and its queue's pause, rate and concurrency. Where it is in flight or has ended,
     * nothing happens.
     */
    public void runNow(Delivery delivery) {
        delivery.lane.hurry(delivery);
        advance(delivery.lane);
    }

    /**
     * From now on nothing of the queue's Tasks leaves that were created before this, until {@link #endPurge}: they are to be deleted. What is
     * in flight goes on. To be called again for the same purge changes nothing; for another one, those that it spares are back in line.
     */
    public void purge(QueueId queue, Instant createdBefore) {
        advance(enter(queue, lane -> lane.purge(createdBefore)));
    }

    /** The queue's purge is over or called off: what is still there of it waits for its turn again. */
    public void endPurge(QueueId queue) {
        Lane lane = lanes.get(queue);
        if (lane != null && lane.isPurging()) {
            lane.endPurge();
            advance(lane);
            dropIfEmpty(lane);
        }
    }

    /** The queues of which something may still be to be purged. */
    public Set<QueueId> purging() {
        return lanes.values().stream()
                .filter(Lane::isPurging)
                .map(lane -> lane.id)
                .collect(Collectors.toSet());
    }

    /** Whether a purge is to delete this Task, and it has not ended meanwhile. */
    public boolean isToBePurged(Delivery delivery) {
        return delivery.lane.isToBePurged(delivery);
    }

    /** The queue's Tasks that a purge is to delete: what it took out of line, and what is in flight. */
    public List<Delivery> toBePurged(QueueId queue) {
        Lane lane = lanes.get(queue);
        return lane == null ? List.of() : lane.toBePurged();
    }

    /** How many of the queue's unfinished Tasks were created before this, those in flight included. */
    public int createdBefore(QueueId queue, Instant time) {
        Lane lane = lanes.get(queue);
        return lane == null ? 0 : lane.createdBefore(time);
    }

    /**
     * The fence has opened: this process leads from now on, or again. No lane begins with a burst, whatever it has saved up meanwhile, and what
     * stands as it did is told where status does not say so.
     */
    public void opened() {
        lanes.values().forEach(Lane::opened);
        lanes.values().forEach(this::advance);
    }

    /** A queue's alarm has rung. */
    public void ring(QueueId queue) {
        Lane lane = lanes.get(queue);
        if (lane != null) {
            lane.rung();
            advance(lane);
        }
    }

    /** Something that deliveries may wait for has changed. */
    public void wake(Obstacle.Subject subject) {
        for (Lane lane : lanes.values()) {
            if (lane.id.namespace().equals(subject.namespace())) {
                lane.wake(subject);
                advance(lane);
            }
        }
    }

    /** To be called every {@value dev.taskqueue.operator.domain.Throttle#WINDOW_SECONDS} seconds. */
    public void tick() {
        for (Lane lane : lanes.values()) {
            perform(lane, lane.tick(mayAct()));
            advance(lane);
        }
    }

    /** Nothing leaves from now on. What is in flight goes on to its end. */
    public void stop() {
        stopped = true;
    }

    /** Requests and outcomes that are not yet written. */
    public int unfinishedAttempts() {
        return gate.unfinished();
    }

    /** Whether an earlier process sent the Task's last attempt and may still write its outcome. */
    public boolean isClaimed(Delivery delivery) {
        return delivery.lane.isAt(delivery, Delivery.Place.CLAIMED);
    }

    /** Those whose requests are in flight. */
    public List<Delivery> inFlight() {
        return lanes.values().stream().flatMap(lane -> lane.inFlight().stream()).toList();
    }

    /** Where a delivery stands; empty for one that has ended, is ending, or only waits to be purged. */
    public Optional<Standing> standing(Delivery delivery) {
        return Optional.ofNullable(delivery.lane.standing(delivery));
    }

    public Optional<QueueStats> stats(QueueId queue) {
        return Optional.ofNullable(lanes.get(queue)).map(Lane::stats);
    }

    public Map<QueueId, QueueStats> stats() {
        var all = new HashMap<QueueId, QueueStats>();
        lanes.forEach((queue, lane) -> all.put(queue, lane.stats()));
        return all;
    }

    /** Does something to a queue's lane, which exists from then on; never while the lane is being dropped. */
    private Lane enter(QueueId queue, Consumer<Lane> action) {
        return lanes.compute(queue, (id, present) -> {
            Lane lane = present != null ? present : new Lane(id, clock, gate, ports.alarm(), ports.listener());
            action.accept(lane);
            return lane;
        });
    }

    private void dropIfEmpty(Lane lane) {
        if (lane.isEmpty()) {
            lanes.computeIfPresent(lane.id, (queue, present) -> present == lane && lane.isEmpty() ? null : present);
        }
    }

    private void advance(Lane lane) {
        perform(lane, lane.advance(mayAct()));
    }

    private boolean mayAct() {
        return !stopped && ports.fence().isOpen();
    }

    private void perform(Lane lane, Moves moves) {
        moves.toPrepare.forEach(delivery -> attempts.execute(() -> prepare(lane, delivery)));
        moves.toSend.forEach(delivery -> attempts.execute(() -> send(lane, delivery)));
        moves.toInterrupt.forEach(delivery -> attempts.execute(() -> interrupt(lane, delivery)));
        moves.toEnd.forEach(delivery -> attempts.execute(() -> end(lane, delivery)));
    }

    private void prepare(Lane lane, Delivery delivery) {
        switch (preparation(lane, delivery)) {
            case Dispatcher.Preparation.Ready ready -> lane.prepared(delivery, ready.shipment());
            case Dispatcher.Preparation.Blocked blocked -> {
                lane.blocked(delivery, blocked.obstacle());
                ports.listener().standingChanged(delivery.id());
            }
            case Dispatcher.Preparation.Gone _ -> cancel(delivery);
        }
        advance(lane);
    }

    private Dispatcher.Preparation preparation(Lane lane, Delivery delivery) {
        try {
            return ports.dispatcher().prepare(delivery.id(), lane.id);
        } catch (RuntimeException failure) {
            LOG.error("Task {} could not be prepared; it is tried again", delivery.task, failure);
            return new Dispatcher.Preparation.Blocked(ownFailure(delivery));
        }
    }

    private static Obstacle ownFailure(Delivery delivery) {
        return new Obstacle(
                Obstacle.Reason.ApiServerUnavailable,
                new Obstacle.Subject(Obstacle.Kind.ApiServer, delivery.task.namespace(), delivery.task.name()),
                "The operator failed to prepare the request; its log tells why.");
    }

    private void send(Lane lane, Delivery delivery) {
        Delivery.Flight flight = Objects.requireNonNull(delivery.flight);
        Dispatcher.Shipment shipment = Objects.requireNonNull(flight.shipment);
        Optional<Obstacle> obstacle = obstacle(shipment, delivery);
        if (obstacle.isPresent() || !mayAct() || lane.isRecalled(delivery)) {
            lane.turnedBack(delivery, obstacle.orElse(null));
            gate.leave(flight.size);
            ports.listener().standingChanged(delivery.id());
            goOn(lane);
            return;
        }
        Instant scheduledAt = Instant.ofEpochMilli(delivery.dueAt);
        Instant dispatchedAt = clock.instant();
        flight.dispatchedAt = dispatchedAt;
        ports.listener().standingChanged(delivery.id());
        ports.listener().departed(lane.id, Duration.between(scheduledAt, dispatchedAt));
        var attempt = new Attempt(delivery.task, lane.id, scheduledAt, dispatchedAt, delivery.progress, lane.retry());
        long start = clock.nanos();
        Outcome outcome = outcome(shipment, attempt);
        ports.listener().attempted(lane.id, outcome, Duration.ofNanos(clock.nanos() - start));
        lane.count(outcome);
        gate.answered();
        Instant endedAt = clock.instant();
        Progress progress = delivery.progress.plus(scheduledAt, dispatchedAt, endedAt, outcome);
        Verdict verdict = lane.retry().after(progress, outcome, endedAt, random);
        // As Cloud Tasks' RunTask has it: the backoff of an attempt that somebody asked for counts from when it was
        // asked for.
        conclude(lane, delivery, progress, entry(progress, verdict, endedAt, flight.hurried ? scheduledAt : endedAt));
        gate.written(flight.size);
        goOn(lane);
    }

    /** A request has left the lane: others may follow. */
    private void goOn(Lane lane) {
        advance(lane);
        dropIfEmpty(lane);
        admitRefused();
    }

    private static Optional<Obstacle> obstacle(Dispatcher.Shipment shipment, Delivery delivery) {
        try {
            return shipment.obstacle();
        } catch (RuntimeException failure) {
            LOG.error("Task {} could not be looked at before it left; it is tried again", delivery.task, failure);
            return Optional.of(ownFailure(delivery));
        }
    }

    private static Outcome outcome(Dispatcher.Shipment shipment, Attempt attempt) {
        try {
            return shipment.send(attempt);
        } catch (RuntimeException failure) {
            LOG.error("The request of Task {} failed in the operator itself", attempt.task(), failure);
            return new Outcome.Unanswered(
                    AttemptReason.ConnectFailed, "The operator failed to send the request; its log tells why.");
        }
    }

    /** An earlier process sent this attempt and did not live to write its outcome. */
    private void interrupt(Lane lane, Delivery delivery) {
        Offer.Claim claim = Objects.requireNonNull(Objects.requireNonNull(delivery.flight).claim);
        Instant endedAt = clock.instant();
        Progress progress = delivery.progress.plusInterrupted(claim.scheduledAt(), claim.dispatchedAt());
        var outcome = new Outcome.Unanswered(
                AttemptReason.Interrupted,
                Objects.requireNonNull(progress.last()).message());
        ports.listener().attempted(lane.id, outcome, Duration.between(claim.dispatchedAt(), endedAt));
        Verdict verdict = lane.retry().after(progress, outcome, endedAt, random);
        conclude(lane, delivery, progress, entry(progress, verdict, endedAt, endedAt));
        advance(lane);
        dropIfEmpty(lane);
    }

    /** @param delayedFrom what a backoff counts from */
    private static Journal.Entry entry(Progress progress, Verdict verdict, Instant endedAt, Instant delayedFrom) {
        return switch (verdict) {
            case Verdict.Over over -> new Journal.Entry.Finished(progress, over.ending(), endedAt);
            case Verdict.Again again -> new Journal.Entry.BackingOff(progress, delayedFrom.plus(again.delay()));
        };
    }

    private void conclude(Lane lane, Delivery delivery, Progress progress, Journal.Entry entry) {
        Journal.Receipt receipt = lane.isAt(delivery, Delivery.Place.GONE)
                ? new Journal.Receipt.Gone()
                : ports.journal().write(delivery.id(), lane.id, entry);
        @Nullable Instant againAt = null;
        if (receipt instanceof Journal.Receipt.Written) {
            delivery.progress = progress;
            switch (entry) {
                case Journal.Entry.BackingOff backingOff -> againAt = backingOff.nextAt();
                case Journal.Entry.Finished finished -> ports.listener().finished(lane.id, finished.ending());
            }
        }
        lane.landed(delivery, againAt);
        if (againAt != null) {
            ports.listener().standingChanged(delivery.id());
        }
    }

    private void end(Lane lane, Delivery delivery) {
        Offer.End end = Objects.requireNonNull(delivery.end);
        var entry = new Journal.Entry.Finished(delivery.progress, end.ending(), end.at());
        switch (ports.journal().write(delivery.id(), lane.id, entry)) {
            case Journal.Receipt.Written _ -> {
                ports.listener().finished(lane.id, end.ending());
                lane.remove(delivery);
            }
            case Journal.Receipt.Gone _ -> lane.remove(delivery);
            case Journal.Receipt.Fenced _, Journal.Receipt.Refused _ -> lane.notEnded(delivery);
        }
        dropIfEmpty(lane);
    }

    private void admitRefused() {
        for (Lane lane = gate.next(); lane != null; lane = gate.next()) {
            lane.gateOpened();
            advance(lane);
            if (lane.awaitsGate()) {
                return;
            }
        }
    }
}
