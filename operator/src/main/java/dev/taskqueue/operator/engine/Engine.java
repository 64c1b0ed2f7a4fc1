package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.limits.SharedPool;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * All queues at work. Deliveries come in by {@link #offer}; each lane decides what leaves; every attempt runs on a thread of its own and
 * goes out by the {@link Journal}.
 */
public final class Engine {
    private final EnginePorts ports;
    private final SharedLimiter gate;
    private final Clocks clock;
    private final ClockStepDetector clockSteps;
    private final Executor attempts;
    private final AttemptRunner runner;
    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicLong arrivals = new AtomicLong();
    private final Map<QueueId, Lane> lanes = new ConcurrentHashMap<>();

    private volatile boolean stopped;

    /** @param attempts runs each attempt; where it blocks, it must not hold up the others */
    public Engine(EnginePorts ports, EngineLimits limits, Clocks clock, Executor attempts, RandomGenerator random) {
        this.ports = ports;
        this.gate = new SharedLimiter(limits);
        this.clock = clock;
        this.clockSteps = new ClockStepDetector(clock.now());
        this.attempts = attempts;
        this.runner = new AttemptRunner(ports, clock, this::mayAct, random);
    }

    /**
     * A queue's settings, first or changed; they count from now.
     *
     * @param isNew whether nobody has served the queue before: only then it may start with a burst
     */
    public void applySettings(QueueId queue, QueueSettings settings, boolean isNew) {
        advance(enter(queue, lane -> lane.applySettings(settings, isNew)));
    }

    /** What the dispatcher makes of this queue's Tasks is another now: nothing leaves as it was prepared before. What is in flight goes on. */
    public void discardPrepared(QueueId queue) {
        Lane lane = lanes.get(queue);
        if (lane != null) {
            lane.discardPrepared();
            advance(lane);
        }
    }

    /** The queue is gone. Its deliveries wait for one of the same name. */
    public void removeQueue(QueueId queue) {
        Lane lane = lanes.get(queue);
        if (lane != null) {
            lane.removeQueue();
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
            ports.listener().statusChanged(offer.id());
        }
        return entered.getPlain();
    }

    /** The Task was deleted, or ended elsewhere: nothing of it leaves any more. */
    public void cancel(Delivery delivery) {
        delivery.lane.remove(delivery);
        afterAttempt(delivery.lane);
    }

    /**
     * A person wants the Task sent now, past its time and its queue's pause, rate and concurrency. Where it is in flight or has ended,
     * nothing happens.
     */
    public void runNow(Delivery delivery) {
        runNow(delivery, 0);
    }

    /**
     * The same, asked for when the outcomes of so many attempts were written. Where the engine has not heard yet that the last of them is over,
     * the next one follows as soon as it has.
     */
    public void runNow(Delivery delivery, int attempts) {
        delivery.lane.expedite(delivery, attempts);
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
    public Set<QueueId> purgingQueues() {
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
    public int countCreatedBefore(QueueId queue, Instant time) {
        Lane lane = lanes.get(queue);
        return lane == null ? 0 : lane.createdBefore(time);
    }

    /** The fence has opened for all namespaces. */
    public void leadershipResumed() {
        leadershipResumed(namespace -> true);
    }

    /**
     * The fence has opened for these namespaces: this process leads there from now on, or again. No lane begins with a burst, whatever it has
     * saved up meanwhile, and what stands as it did is told where status does not say so.
     */
    public void leadershipResumed(Predicate<String> namespaces) {
        List<Lane> opened = lanes.values().stream()
                .filter(lane -> namespaces.test(lane.id.namespace()))
                .toList();
        opened.forEach(Lane::leadershipResumed);
        opened.forEach(this::advance);
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
            lane.tick(mayAct(lane.id));
            afterAttempt(lane);
        }
    }

    /**
     * To be called about every second: where somebody has set the wall clock, what waits for a time of it is looked at again. Waits go on as they
     * were.
     */
    public void compareClocks() {
        if (clockSteps.since(clock.now()) != 0) {
            lanes.values().forEach(this::advance);
        }
    }

    /** Nothing leaves from now on. What is in flight goes on to its end. */
    public void stop() {
        stopped = true;
    }

    /** Requests and outcomes that are not yet written. */
    public int unfinishedAttempts() {
        return unfinished.get();
    }

    /** The ends that the API server refuses are forgotten with this process. Each of these saves one of them, where that is possible. */
    public List<Callable<Boolean>> unwrittenSaves() {
        return lanes.values().stream()
                .flatMap(lane -> lane.unwritten().stream())
                .<Callable<Boolean>>map(move -> () -> runner.saveUnwritten(move))
                .toList();
    }

    /** What all queues share. */
    public List<SharedPool> pools() {
        return gate.pools();
    }

    /** Whether an earlier process sent the Task's last attempt and may still write its outcome. */
    public boolean isClaimed(Delivery delivery) {
        return delivery.lane.isClaimed(delivery);
    }

    /** Those whose requests are in flight. */
    public List<Delivery> inFlight() {
        return lanes.values().stream().flatMap(lane -> lane.inFlight().stream()).toList();
    }

    /** Where a delivery stands; empty for one that has ended, is ending, or only waits to be purged. */
    public Optional<DeliveryStatus> deliveryStatus(Delivery delivery) {
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
        lane.advance(mayAct(lane.id)).all().forEach(move -> {
            boolean isAttempt = move.state() instanceof DeliveryState.Departing;
            unfinished.addAndGet(isAttempt ? 1 : 0);
            attempts.execute(() -> {
                try {
                    runner.run(move);
                } finally {
                    unfinished.addAndGet(isAttempt ? -1 : 0);
                    afterAttempt(lane);
                }
            });
        });
    }

    private boolean mayAct(QueueId queue) {
        return !stopped && ports.fence().isOpen(queue.namespace());
    }

    /** Something has become free: others may follow, here and in the lanes that the gate had refused. */
    private void afterAttempt(Lane lane) {
        advance(lane);
        dropIfEmpty(lane);
        for (Lane next = gate.next(); next != null; next = gate.next()) {
            advance(next);
        }
    }
}
