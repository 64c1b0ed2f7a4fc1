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
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * All queues at work. Deliveries come in by {@link #offer}. Each lane decides which of its deliveries leave. Every attempt runs on a thread of its
 * own, and its outcome goes out by the {@link Journal}.
 */
public final class Engine {
    private final EnginePorts ports;
    private final SharedLimiter sharedLimiter;
    private final Clocks clocks;
    private final ClockStepDetector clockSteps;
    private final Lanes lanes;
    private final BatchDeliveries batches;

    /** @param threads runs the actions of the lanes; an action that blocks must not hold up the others */
    public Engine(EnginePorts ports, EngineLimits limits, Clocks clocks, Executor threads, RandomGenerator random) {
        this.ports = ports;
        this.sharedLimiter = new SharedLimiter(limits);
        this.clocks = clocks;
        this.clockSteps = new ClockStepDetector(clocks.now());
        this.lanes = new Lanes(ports, sharedLimiter, clocks, threads, random);
        this.batches = new BatchDeliveries(ports, lanes);
    }

    /** Where TaskBatches come in. */
    public BatchDeliveries batches() {
        return batches;
    }

    /**
     * Takes a queue's settings, first or changed. They are in force from now on.
     *
     * @param isNew whether no operator has served the queue before: only then may it start with a burst
     */
    public void applySettings(QueueId queue, QueueSettings settings, boolean isNew) {
        lanes.advance(lanes.with(queue, lane -> lane.applySettings(settings, isNew)));
    }

    /** The queue's requests are built differently from now on: everything prepared but not sent is discarded. Requests in flight go on. */
    public void discardPrepared(QueueId queue) {
        Lane lane = lanes.get(queue);
        if (lane != null) {
            lane.discardPrepared();
            lanes.advance(lane);
        }
    }

    /** The queue was deleted. Its deliveries wait for a queue of the same name. */
    public void removeQueue(QueueId queue) {
        Lane lane = lanes.get(queue);
        if (lane != null) {
            lane.removeQueue();
            lanes.dropIfEmpty(lane);
        }
    }

    /** Takes in a delivery; there is no other way in. The caller first cancels an earlier delivery of the same Task that has not ended. */
    public Delivery offer(Offer offer) {
        var entered = new AtomicReference<Delivery>();
        Lane lane = lanes.with(offer.queue(), here -> {
            var delivery = new Delivery(here.id, lanes.nextArrival(), offer);
            here.add(delivery, offer);
            entered.setPlain(delivery);
        });
        lanes.advance(lane);
        if (offer.end() == null) {
            ports.listener().statusChanged(offer.id());
        }
        return entered.getPlain();
    }

    /** The Task was deleted, or has ended elsewhere: no attempt of it leaves any more. */
    public void cancel(Delivery delivery) {
        Lane lane = lanes.get(delivery.queue);
        if (lane != null) {
            lane.remove(delivery);
            lanes.afterAttempt(lane);
        }
    }

    /**
     * A person wants the Task sent now, in spite of its time and of its queue's pause, rate and concurrency. Nothing happens if it is in flight
     * or has ended.
     */
    public void runNow(Delivery delivery) {
        runNow(delivery, 0);
    }

    /**
     * The same, asked for when the outcomes of this many attempts were written. If the engine has not heard yet that the last of them is over,
     * the next attempt follows as soon as it has.
     */
    public void runNow(Delivery delivery, int attempts) {
        Lane lane = lanes.get(delivery.queue);
        if (lane != null) {
            lane.expedite(delivery, attempts);
            lanes.advance(lane);
        }
    }

    /**
     * From now on, until {@link #endPurge}, no Task of the queue leaves that was created before this: those Tasks are to be deleted. Requests in
     * flight go on. A second call for the same purge changes nothing. After a call for another one, the Tasks that it spares wait for their turn
     * again.
     */
    public void purge(QueueId queue, Instant createdBefore) {
        lanes.advance(lanes.with(queue, lane -> lane.purge(createdBefore)));
    }

    /** The queue's purge is over or called off: Tasks that it has not deleted wait for their turn again. */
    public void endPurge(QueueId queue) {
        Lane lane = lanes.get(queue);
        if (lane != null && lane.isPurging()) {
            lane.endPurge();
            lanes.advance(lane);
            lanes.dropIfEmpty(lane);
        }
    }

    /** The queues with a purge that goes on. */
    public Set<QueueId> purgingQueues() {
        return lanes.all().stream().filter(Lane::isPurging).map(lane -> lane.id).collect(Collectors.toSet());
    }

    /** Whether a purge is to delete this Task, which has not ended meanwhile. */
    public boolean isToBePurged(Delivery delivery) {
        Lane lane = lanes.get(delivery.queue);
        return lane != null && lane.isToBePurged(delivery);
    }

    /** The queue's Tasks that a purge is to delete, including those in flight. */
    public List<Delivery> toBePurged(QueueId queue) {
        Lane lane = lanes.get(queue);
        return lane == null ? List.of() : lane.toBePurged();
    }

    /** How many of the queue's unfinished Tasks were created before this, including those in flight. */
    public int countCreatedBefore(QueueId queue, Instant time) {
        Lane lane = lanes.get(queue);
        return lane == null ? 0 : lane.countCreatedBefore(time);
    }

    /** The fence has opened for all namespaces. */
    public void leadershipResumed() {
        leadershipResumed(namespace -> true);
    }

    /**
     * The fence has opened for these namespaces: this process leads there from now on, or again. No lane starts with a burst, even if tokens have
     * accumulated meanwhile. Every delivery is reported, since its status may be out of date.
     */
    public void leadershipResumed(Predicate<String> namespaces) {
        List<Lane> opened = lanes.all().stream()
                .filter(lane -> namespaces.test(lane.id.namespace()))
                .toList();
        opened.forEach(Lane::leadershipResumed);
        opened.forEach(lanes::advance);
    }

    /** To be called when a queue's alarm rings. */
    public void ring(QueueId queue) {
        Lane lane = lanes.get(queue);
        if (lane != null) {
            lane.alarmRang();
            lanes.advance(lane);
        }
    }

    /** An object that deliveries may wait for has changed. */
    public void wake(Obstacle.Subject subject) {
        for (Lane lane : lanes.all()) {
            if (lane.id.namespace().equals(subject.namespace())) {
                lane.wake(subject);
                lanes.advance(lane);
            }
        }
    }

    /** To be called every {@value dev.taskqueue.operator.domain.Throttle#WINDOW_SECONDS} seconds. */
    public void tick() {
        for (Lane lane : lanes.all()) {
            lane.tick(lanes.mayAct(lane.id));
            lanes.afterAttempt(lane);
        }
    }

    /**
     * To be called about every second. If somebody has set the wall clock, all lanes look again at what is due. Waits for a while go on
     * unchanged.
     *
     * @return whether somebody has set it since the last call
     */
    public boolean compareClocks() {
        if (clockSteps.since(clocks.now()) == 0) {
            return false;
        }
        lanes.all().forEach(lanes::advance);
        return true;
    }

    /** No delivery leaves from now on. Requests in flight go on to their end. */
    public void stop() {
        lanes.stop();
    }

    /** How many requests are open, or have an outcome that is not written yet. */
    public int unfinishedAttempts() {
        return lanes.unfinished();
    }

    /**
     * The ends that the API server refuses to write. They are lost when this process stops, unless these calls save them; each call saves one
     * end, if that is possible.
     */
    public List<Callable<Boolean>> unwrittenSaves() {
        return lanes.all().stream()
                .flatMap(lane -> lane.unwritten().stream())
                .<Callable<Boolean>>map(action -> () -> lanes.saveUnwritten(action))
                .toList();
    }

    /** The pools that all queues share. */
    public List<SharedPool> pools() {
        return sharedLimiter.pools();
    }

    /** Whether an earlier process sent the Task's last attempt and may still write its outcome. */
    public boolean isClaimed(Delivery delivery) {
        Lane lane = lanes.get(delivery.queue);
        return lane != null && lane.isClaimed(delivery);
    }

    /** The deliveries whose requests are in flight. */
    public List<Delivery> inFlight() {
        return lanes.all().stream().flatMap(lane -> lane.inFlight().stream()).toList();
    }

    /** The status of a delivery; empty if it has ended, is ending, or only waits to be purged. */
    public Optional<DeliveryStatus> deliveryStatus(Delivery delivery) {
        Lane lane = lanes.get(delivery.queue);
        return lane == null ? Optional.empty() : Optional.ofNullable(lane.status(delivery));
    }

    /** The same; the status of a delivery that waits for its turn also says why. It costs more, and is meant for the moment of a write. */
    public Optional<DeliveryStatus> deliveryStatusWithTurn(Delivery delivery) {
        Lane lane = lanes.get(delivery.queue);
        return lane == null ? Optional.empty() : Optional.ofNullable(lane.statusWithTurn(delivery));
    }

    /** The queues that do not exist although Tasks name them, with the number of these Tasks. */
    public Map<QueueId, Integer> missingQueues() {
        var missing = new HashMap<QueueId, Integer>();
        lanes.all().forEach(lane -> {
            int tasks = lane.waitingForQueue();
            if (tasks > 0) {
                missing.put(lane.id, tasks);
            }
        });
        return missing;
    }

    /** Whether Tasks of the queue wait for an obstacle. It costs no look at each of them. */
    public boolean isBlocked(QueueId queue) {
        Lane lane = lanes.get(queue);
        return lane != null && lane.isBlocked();
    }

    public Optional<QueueStats> stats(QueueId queue) {
        return Optional.ofNullable(lanes.get(queue)).map(Lane::stats);
    }

    public Map<QueueId, QueueStats> stats() {
        var all = new HashMap<QueueId, QueueStats>();
        lanes.all().forEach(lane -> all.put(lane.id, lane.stats()));
        return all;
    }
}
