package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.QueueId;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The lanes of all queues. Lets them decide, and runs on threads what they have decided. */
final class Lanes {
    private final EnginePorts ports;
    private final SharedLimiter sharedLimiter;
    private final Clocks clocks;
    private final Executor threads;
    private final AttemptRunner runner;
    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicLong arrivals = new AtomicLong();
    private final Map<QueueId, Lane> lanes = new ConcurrentHashMap<>();

    private volatile boolean stopped;

    Lanes(EnginePorts ports, SharedLimiter sharedLimiter, Clocks clocks, Executor threads, RandomGenerator random) {
        this.ports = ports;
        this.sharedLimiter = sharedLimiter;
        this.clocks = clocks;
        this.threads = threads;
        this.runner = new AttemptRunner(ports, clocks, this::mayAct, random);
    }

    @Nullable Lane get(QueueId queue) {
        return lanes.get(queue);
    }

    Collection<Lane> all() {
        return lanes.values();
    }

    /** Does something with a queue's lane, which exists from then on. The lane cannot be dropped meanwhile. */
    Lane with(QueueId queue, Consumer<Lane> action) {
        return lanes.compute(queue, (id, present) -> {
            Lane lane = present != null
                    ? present
                    : new Lane(id, clocks, sharedLimiter, ports.alarm(), ports.listener(), arrivals);
            action.accept(lane);
            return lane;
        });
    }

    void dropIfEmpty(Lane lane) {
        if (lane.isEmpty()) {
            lanes.computeIfPresent(lane.id, (queue, present) -> present == lane && lane.isEmpty() ? null : present);
        }
    }

    /** The number of the next delivery or batch. */
    long nextArrival() {
        return arrivals.getAndIncrement();
    }

    void advance(Lane lane) {
        lane.advance(mayAct(lane.id)).all().forEach(action -> {
            boolean isAttempt = action.state() instanceof DeliveryState.Departing;
            unfinished.addAndGet(isAttempt ? 1 : 0);
            threads.execute(() -> {
                try {
                    runner.run(lane.attempts(), action);
                } finally {
                    unfinished.addAndGet(isAttempt ? -1 : 0);
                    afterAttempt(lane);
                }
            });
        });
    }

    /** Something has become free: other deliveries may follow, here and in the lanes that wait for the shared limiter. */
    void afterAttempt(Lane lane) {
        advance(lane);
        dropIfEmpty(lane);
        for (QueueId next = sharedLimiter.nextWithRoom(); next != null; next = sharedLimiter.nextWithRoom()) {
            Lane waiting = lanes.get(next);
            if (waiting != null) {
                advance(waiting);
            }
        }
    }

    boolean mayAct(QueueId queue) {
        return !stopped && ports.fence().isOpen(queue.namespace());
    }

    /** No delivery leaves from now on. */
    void stop() {
        stopped = true;
    }

    /** How many requests are open, or have an outcome that is not written yet. */
    int unfinished() {
        return unfinished.get();
    }

    boolean saveUnwritten(LaneActions.Action action) {
        return runner.saveUnwritten(action);
    }
}
