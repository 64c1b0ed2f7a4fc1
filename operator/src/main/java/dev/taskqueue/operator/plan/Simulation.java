package dev.taskqueue.operator.plan;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.Departure;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.domain.Throttle;
import dev.taskqueue.operator.engine.AttemptContext;
import dev.taskqueue.operator.engine.Dispatcher;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.EngineLimits;
import dev.taskqueue.operator.engine.EnginePorts;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.engine.Offer;
import dev.taskqueue.operator.simulation.SequentialThreads;
import dev.taskqueue.operator.simulation.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The engine itself with one new queue and a backlog that is due at once, in virtual time: the API server writes in no time, and the
 * handlers take as long as they are said to. Runs once.
 */
final class Simulation {
    private static final Duration TICK = Duration.ofSeconds(Throttle.WINDOW_SECONDS);
    private static final QueueId QUEUE = new QueueId("plan", "plan");

    private final VirtualTime time = new VirtualTime();
    private final SequentialThreads threads = new SequentialThreads();
    private final Map<Ending.Reason, Integer> endings = new EnumMap<>(Ending.Reason.class);
    private final Engine engine;
    private final QueueSettings settings;
    private final Scene scene;
    private int open;
    private int mostOpen;
    private int attempts;
    private int left;
    private long looks;
    private double lowestRate;
    private Instant lastEndAt = Instant.EPOCH;

    /**
     * What is played.
     *
     * @param tasks in the backlog when the run begins
     * @param handler how long a handler takes to answer; within its deadline
     * @param outage for how long from the beginning all answers are 503
     * @param engine the operator's bounds
     */
    record Scene(int tasks, Duration handler, Duration outage, EngineLimits engine) {}

    /**
     * Where a run ends, so that the command does.
     *
     * @param attempts requests
     * @param looks Tasks looked at by the ticks
     */
    record Bounds(int attempts, long looks) {}

    /**
     * What came of it.
     *
     * @param took until the last Task had ended, or until the bounds ended the run
     * @param attempts requests sent
     * @param mostOpen requests open at a time
     * @param lowestRate the least enforced dispatches a second
     * @param left Tasks that had not ended when the bounds ended the run
     */
    record Result(
            Duration took,
            int attempts,
            int mostOpen,
            double lowestRate,
            int left,
            Map<Ending.Reason, Integer> endings) {
        int ended(Ending.Reason reason) {
            return endings.getOrDefault(reason, 0);
        }
    }

    private Simulation(QueueSettings settings, Scene scene) {
        this.settings = settings;
        this.scene = scene;
        this.left = scene.tasks;
        this.lowestRate = settings.rate().perSecond();
        engine = new Engine(
                new EnginePorts(new Handlers(), new InstantJournal(), time, () -> true, new Counts()),
                scene.engine,
                time.clocks(),
                threads,
                new SplittableRandom(1));
    }

    static Result of(QueueSettings settings, Scene scene, Bounds bounds) {
        // Handing over between virtual threads costs a fraction of waking the caller's own thread.
        var run = new FutureTask<>(() -> new Simulation(settings, scene).play(bounds));
        Thread.startVirtualThread(run);
        try {
            return run.get();
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the plan was made", interrupt);
        } catch (ExecutionException failure) {
            throw new CompletionException(failure.getCause());
        }
    }

    private Result play(Bounds bounds) {
        engine.applySettings(QUEUE, settings, true);
        for (int number = 0; number < scene.tasks; number++) {
            String name = "task-" + number;
            engine.offer(new Offer(
                    new DeliveryId(new TaskId(QUEUE.namespace(), name, name), 1),
                    QUEUE,
                    time.now(),
                    time.now(),
                    time.now(),
                    null,
                    AttemptHistory.NONE,
                    null,
                    null,
                    null));
        }
        time.every(TICK, this::tick);
        do {
            threads.runAll();
        } while (left > 0 && attempts < bounds.attempts && looks < bounds.looks && time.leap(engine::ring));
        Instant end = left > 0 ? time.now() : lastEndAt;
        return new Result(
                Duration.between(Instant.EPOCH, end), attempts, mostOpen, lowestRate, left, Map.copyOf(endings));
    }

    private void tick() {
        engine.tick();
        looks += left;
        if (!scene.outage.isZero()) {
            engine.stats(QUEUE).ifPresent(stats -> lowestRate = Math.min(lowestRate, stats.enforcedPerSecond()));
        }
    }

    private final class Handlers implements Dispatcher, Dispatcher.PreparedRequest, Dispatcher.Sendable {
        @Override
        public Preparation prepare(DeliveryId delivery, QueueId queue) {
            return new Preparation.Ready(this);
        }

        @Override
        public FinalCheck finalCheck() {
            return new FinalCheck.Passed(this);
        }

        @Override
        public Departure send(AttemptContext attempt) {
            attempts++;
            open++;
            mostOpen = Math.max(mostOpen, open);
            if (!scene.handler.isZero()) {
                threads.pause(afterAttempt -> time.after(scene.handler, afterAttempt));
            }
            open--;
            boolean out = time.passed().compareTo(scene.outage) < 0;
            return new Departure.Left(Outcome.Answered.of(out ? 503 : 200));
        }

        @Override
        public Duration deadline() {
            return scene.handler;
        }

        @Override
        public long size() {
            return 0;
        }
    }

    /** Writes in no time. */
    private static final class InstantJournal implements Journal {
        @Override
        public Receipt write(DeliveryId delivery, QueueId queue, Entry entry) {
            return new Receipt.Written();
        }
    }

    private final class Counts implements Listener {
        @Override
        public void finished(DeliveryKey delivery, QueueId queue, Ending ending) {
            endings.merge(ending.reason(), 1, Integer::sum);
            left--;
            lastEndAt = time.now();
        }
    }
}
