package dev.taskqueue.operator.bench;

import dev.taskqueue.operator.alarm.QuartzAlarm;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Departure;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.domain.RateLimit;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Dispatcher;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.EngineLimits;
import dev.taskqueue.operator.engine.EnginePorts;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.engine.Offer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.DoubleSupplier;
import org.assertj.core.api.Assertions;

/** Measures the engine without a cluster, in this JVM: workers that answer at once, a journal that forgets, and virtual threads as in production. */
final class EngineAlone {
    private static final int BACKLOG = 100_000;
    private static final int WARM_UP_ROUNDS = 2;
    private static final int ROUNDS = 3;
    private static final long PATIENCE_SECONDS = 120;
    private static final QueueId QUEUE = new QueueId("bench", "alone");

    private final BenchReport figures;

    EngineAlone(BenchReport figures) {
        this.figures = figures;
    }

    void measure() {
        for (int round = 0; round < WARM_UP_ROUNDS; round++) {
            tasksPerCpuSecond();
        }
        var rounds = new ArrayList<Double>();
        for (int round = 0; round < ROUNDS; round++) {
            rounds.add(tasksPerCpuSecond());
        }
        rounds.sort(null);
        figures.add(
                "engine",
                "P5 engine alone, backlog of 100,000: Tasks per CPU-second, median of " + ROUNDS,
                "100,000 / 200,000",
                "%.0f",
                rounds.get(ROUNDS / 2));
    }

    private static double tasksPerCpuSecond() {
        var over = new CountDownLatch(BACKLOG);
        var engine = new AtomicReference<Engine>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                var alarm = new QuartzAlarm("bench", Clocks.system(), threads)) {
            engine.set(engine(over, alarm, threads));
            alarm.start(queue -> engine.get().ring(queue));
            engine.get().applySettings(QUEUE, settings(true), true);
            offerBacklog(engine.get());
            DoubleSupplier cpu = CpuTime.since(CpuTime::ofThisJvm);
            engine.get().applySettings(QUEUE, settings(false), false);
            boolean done = over.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            double used = cpu.getAsDouble();
            Assertions.assertThat(done).as("the whole backlog is through").isTrue();
            return BACKLOG / used;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void offerBacklog(Engine engine) {
        Instant now = Instant.now();
        for (int i = 0; i < BACKLOG; i++) {
            engine.offer(new Offer(
                    new DeliveryId(new TaskId("bench", "task-" + i, "uid-" + i), 1),
                    QUEUE,
                    now,
                    now,
                    now,
                    null,
                    AttemptHistory.NONE,
                    null,
                    null,
                    null));
        }
    }

    private static Engine engine(CountDownLatch over, QuartzAlarm alarm, ExecutorService threads) {
        Journal journal = (task, queue, entry) -> {
            over.countDown();
            return new Journal.Receipt.Written();
        };
        var shipment = new InstantRequest();
        Dispatcher dispatcher = (task, queue) -> new Dispatcher.Preparation.Ready(shipment);
        return new Engine(
                new EnginePorts(dispatcher, journal, alarm, () -> true, new Listener() {}),
                new EngineLimits(10_000, 1_000),
                Clocks.system(),
                threads,
                new Random(1));
    }

    private static QueueSettings settings(boolean paused) {
        var retry = new RetryPolicy(
                100,
                Duration.ZERO,
                RetryPolicy.GiveUp.WhenBoth,
                Duration.ofMillis(100),
                Duration.ofHours(1),
                16,
                0,
                Set.of());
        return new QueueSettings(paused, new RateLimit(1_000_000, BACKLOG), 1_000, retry, true, Duration.ofDays(31));
    }

    private static final class InstantRequest implements Dispatcher.PreparedRequest {
        @Override
        public Dispatcher.FinalCheck finalCheck() {
            return new Dispatcher.FinalCheck.Passed(attempt -> new Departure.Left(Outcome.Answered.of(200)));
        }

        @Override
        public Duration deadline() {
            return Duration.ofMinutes(10);
        }

        @Override
        public long size() {
            return 0;
        }
    }
}
