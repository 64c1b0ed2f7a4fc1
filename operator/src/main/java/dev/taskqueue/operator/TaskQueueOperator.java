package dev.taskqueue.operator;

import dev.taskqueue.operator.alarm.AlarmClock;
import dev.taskqueue.operator.alarm.QuartzAlarm;
import dev.taskqueue.operator.api.ApiGroup;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.dispatch.DeliveryHeaders;
import dev.taskqueue.operator.dispatch.HttpDispatcher;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.domain.Throttle;
import dev.taskqueue.operator.domain.WatchState;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.EngineLimits;
import dev.taskqueue.operator.engine.EnginePorts;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.engine.Listeners;
import dev.taskqueue.operator.engine.QueueStats;
import dev.taskqueue.operator.kube.Sleeper;
import dev.taskqueue.operator.ops.Config;
import dev.taskqueue.operator.ops.HttpEndpoint;
import dev.taskqueue.operator.ops.Meters;
import dev.taskqueue.operator.prepare.DispatchServices;
import dev.taskqueue.operator.reconcile.TaskQueueReconciler;
import dev.taskqueue.operator.targets.TargetResolver;
import dev.taskqueue.operator.targets.TokenRequester;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running operator: every part, wired by hand, started in order and stopped in order. */
public final class TaskQueueOperator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TaskQueueOperator.class);
    private static final Duration START_PAUSE = Duration.ofMillis(20);
    private static final Duration DRAIN_PAUSE = Duration.ofMillis(10);
    private static final Duration CLAIM_AFTER = Duration.ofSeconds(1);
    private static final Duration CLAIM_PAUSE = Duration.ofMillis(50);
    /** Informers rest for this long after a failure, and up to 32 times as long after many. */
    private static final Duration INFORMER_PAUSE = Duration.ofMillis(60);

    private static final String TARGETS = "Services and EndpointSlices";
    private static final String QUEUES = "TaskQueues";
    private static final String TASKS = "Tasks";

    /** Without a tick for this long, nothing would be woken any more. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(1);

    private final Config config;
    private final ExecutorService threads;
    private final KubernetesClient client;
    private final KubernetesClient direct;
    private final AlarmClock alarm;
    private final Engine engine;
    private final TaskStream tasks;
    private final TargetResolver targets;
    private final HttpDispatcher http;
    private final TaskQueueReconciler reconciler;
    private final QueueController queueController;
    private final ServedNamespaces namespaces;
    private final ReentrantLock looking = new ReentrantLock();
    private final Leadership leadership;
    private final HttpEndpoint endpoint;
    private volatile long tickedAt = System.nanoTime();

    /**
     * The time and the threads an operator lives by.
     *
     * @param threads runs every attempt, ring and delete; the operator's to close
     * @param lost what to do when another process leads: this one's picture of the Tasks is out of date, so it should end
     */
    public record Surroundings(Clocks clock, ExecutorService threads, AlarmClock.Maker alarms, Runnable lost) {
        /** Where nobody else leads, or nothing is done about it. */
        public Surroundings(Clocks clock, ExecutorService threads, AlarmClock.Maker alarms) {
            this(clock, threads, alarms, () -> {});
        }

        static Surroundings ofThisMachine(Runnable lost) {
            Clocks clock = Clocks.system();
            return new Surroundings(
                    clock,
                    Executors.newThreadPerTaskExecutor(Thread.ofVirtual()
                            .name("attempt-", 0)
                            .uncaughtExceptionHandler(
                                    (thread, failure) -> LOG.error("{} failed", thread.getName(), failure))
                            .factory()),
                    (threads, ring) -> new QuartzAlarm("taskqueue-" + UUID.randomUUID(), clock, threads, ring),
                    lost);
        }
    }

    /**
     * Wires everything and starts it; returns when the queues are known and Tasks are coming in.
     *
     * @param cluster how to reach the API server
     * @throws IOException where the HTTP port is taken
     */
    public TaskQueueOperator(Config config, io.fabric8.kubernetes.client.Config cluster) throws IOException {
        this(config, cluster, Surroundings.ofThisMachine(() -> {}));
    }

    /**
     * The same in other surroundings, where a test moves the time.
     *
     * @throws IOException where the HTTP port is taken
     */
    public TaskQueueOperator(Config config, io.fabric8.kubernetes.client.Config cluster, Surroundings around)
            throws IOException {
        this.config = config;
        threads = around.threads();
        Clocks clock = around.clock();
        RandomGenerator random = new ThreadRandom();
        String holder = Leadership.newHolder();
        leadership = config.leaderElection()
                ? new Leadership.Elected(config, cluster, holder, clock, random)
                : new Leadership.Alone();
        namespaces = new ServedNamespaces(config.namespaces(), !config.leaderElection(), this::leadershipResumed);
        Fence fence = new NamespaceFence(leadership.fence(), namespaces::isLed);

        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(cluster)
                        .withWatchReconnectInterval((int) INFORMER_PAUSE.toMillis())
                        .build())
                .build();
        direct = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(cluster)
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
        var meters = new Meters(Main.version(), clock.wall());
        var queues = new QueueProfiles();
        alarm = around.alarms().make(threads, queue -> engine().ring(queue));
        targets = new TargetResolver(
                client,
                new TargetResolver.Settings(
                        config.namespaces(), config.allowedTargetCidrs(), System.getenv("KUBERNETES_SERVICE_HOST")),
                subject -> engine().wake(subject),
                random);
        http = new HttpDispatcher(clock.wall(), fence);
        var tokens = new TokenRequester(direct, clock.monotonic());
        var services = new DispatchServices(targets, tokens, http, new DeliveryHeaders(Main.version()));
        tasks = new TaskStream(
                direct,
                new TaskStream.Settings(
                        config.namespaces(),
                        holder,
                        config.maxScheduleAhead(),
                        config.maxDispatchDeadline(),
                        config.shutdownGrace(),
                        !config.leaderElection()),
                queues,
                new TaskStream.Surroundings(fence, clock, threads, services, meters::written),
                delivery -> engine().deliveryStatus(delivery));
        engine = new Engine(
                new EnginePorts(
                        tasks.dispatcher(),
                        tasks.journal(),
                        alarm,
                        fence,
                        new Listeners(List.of(meters, tellings(tasks)))),
                new EngineLimits(config.maxInFlight(), Runtime.getRuntime().maxMemory() / 4, config.maxUnwritten()),
                clock,
                threads,
                random);
        reconciler = new TaskQueueReconciler(engine, queues, tasks, clock.wall(), fence);
        queueController = new QueueController(reconciler, config.namespaces(), client);

        meters.observe(engine::stats, fence::isOpen);
        meters.observeNamespaces(namespaces::byName);
        meters.observePools(Stream.of(engine.pools(), tasks.pools(), tokens.pools())
                .flatMap(List::stream)
                .toList());
        endpoint = new HttpEndpoint(
                config.httpPort(),
                List.of(new HttpEndpoint.Check(
                        "alarm", () -> System.nanoTime() - tickedAt < LONGEST_SILENCE.toNanos())),
                List.of(
                        new HttpEndpoint.Check(QUEUES, () -> namespaces.isSynced(QUEUES)),
                        new HttpEndpoint.Check(TARGETS, () -> namespaces.isSynced(TARGETS)),
                        new HttpEndpoint.Check(TASKS, () -> namespaces.isSynced(TASKS)),
                        new HttpEndpoint.Check("a namespace that may be served", namespaces::isAnyServed)),
                namespaces::complaints,
                meters);
        alarm.every("tick", Duration.ofSeconds(Throttle.WINDOW_SECONDS), () -> {
            engine.tick();
            tickedAt = System.nanoTime();
        });
        alarm.every("clocks", Duration.ofSeconds(1), engine::compareClocks);
        alarm.every("tasks", Duration.ofSeconds(1), tasks::tick);
        alarm.every("stats", Duration.ofMillis(500), reconciler::turn);
        alarm.every("namespaces", Duration.ofSeconds(1), this::lookAtNamespaces);
        start(random, around.lost());
    }

    private void start(RandomGenerator random, Runnable lost) {
        new ApiServerWait(direct, ApiGroup.API_VERSION, () -> tickedAt = System.nanoTime()).await();
        alarm.start();
        targets.start();
        namespaces.follow(TARGETS, probes(targets.informers()));
        awaitSynced(TARGETS);
        queueController.start();
        namespaces.follow(QUEUES, queueController.followed(direct));
        awaitSynced(QUEUES);
        tasks.start(engine, random);
        namespaces.follow(TASKS, tasks.followed());
        leadership.start(new TakeOver(namespaces, tasks, leadership, new TakeOver.Opening() {
            @Override
            public void leadershipResumed(String namespace) {
                TaskQueueOperator.this.leadershipResumed(namespace);
            }

            @Override
            public void lost() {
                lost.run();
            }
        }));
    }

    private List<WatchState> probes(List<TargetResolver.Informer> informers) {
        return informers.stream()
                .<WatchState>map(informer -> new ProbedInformer(
                        switch (informer.kind()) {
                            case Services -> ProbedInformer.Kind.SERVICES;
                            case EndpointSlices -> ProbedInformer.Kind.SLICES;
                        },
                        informer.namespace(),
                        informer::isSynced,
                        informer::isWatching,
                        direct))
                .toList();
    }

    private void awaitSynced(String kinds) {
        while (!namespaces.isSynced(kinds) || !namespaces.isAnyServed()) {
            Sleeper.SYSTEM.pause(START_PAUSE);
        }
    }

    /** Where the API server is slow to answer, one look at a time is enough. */
    private void lookAtNamespaces() {
        if (looking.tryLock()) {
            try {
                namespaces.look();
            } finally {
                looking.unlock();
            }
        }
    }

    private void leadershipResumed(String namespace) {
        if (leadership.fence().isOpen()) {
            engine.leadershipResumed(other -> namespace.isEmpty() || namespace.equals(other));
            tasks.leadershipResumed();
            reconciler.leadershipResumed();
        }
    }

    private static Listener tellings(TaskStream tasks) {
        return new Listener() {
            @Override
            public void statusChanged(DeliveryId delivery) {
                tasks.note(delivery.task());
            }
        };
    }

    /** The engine comes last and the parts around it call back: by then it is there. */
    private Engine engine() {
        return engine;
    }

    public int httpPort() {
        return endpoint.port();
    }

    /** Where a Task stands; empty for one that has ended or was not seen yet. */
    public Optional<DeliveryStatus> standing(TaskId task) {
        return tasks.standing(task);
    }

    /** The queues that are known, and those of Tasks that wait for theirs. */
    public Map<QueueId, QueueStats> stats() {
        return engine.stats();
    }

    /** Takes nothing new, lets what is in flight end within the grace period, and writes its outcomes. */
    @Override
    public void close() {
        LOG.info("Stopping: nothing is dispatched any more");
        engine.stop();
        long end = System.nanoTime() + config.shutdownGrace().toNanos();
        if (!drainedBy(Math.min(end, System.nanoTime() + CLAIM_AFTER.toNanos()))) {
            awaitClaims(end);
        }
        giveUp(end);
        leadership.close();
        if (!drainedBy(end)) {
            LOG.warn("{} attempts are left without an outcome", engine.unfinishedAttempts());
        }
        alarm.close();
        tasks.close();
        queueController.close();
        targets.close();
        http.close();
        endpoint.close();
        threads.shutdownNow();
        direct.close();
        client.close();
        LOG.info("Stopped");
    }

    /**
     * Writes claims for what is in flight, so that the next leader leaves it alone. Until each of them has one the lease is kept, and renewed:
     * who gave it back sooner would have to leave outcomes unwritten.
     */
    private void awaitClaims(long end) {
        while (engine.unfinishedAttempts() > 0 && System.nanoTime() - end < 0) {
            if (leadership.fence().isOpen() && tasks.claim(engine.inFlight())) {
                return;
            }
            Sleeper.SYSTEM.pause(CLAIM_PAUSE);
        }
    }

    /** What could not be written goes with this process: as long as it leads, it saves what it can. */
    private void giveUp(long end) {
        try {
            threads.invokeAll(engine.unwrittenSaves(), Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupt) {
            throw new IllegalStateException("interrupted while waiting", interrupt);
        }
    }

    private boolean drainedBy(long end) {
        while (engine.unfinishedAttempts() > 0 && System.nanoTime() - end < 0) {
            Sleeper.SYSTEM.pause(DRAIN_PAUSE);
        }
        return engine.unfinishedAttempts() == 0;
    }

    /** Random numbers for many threads. */
    private static final class ThreadRandom implements RandomGenerator {
        @Override
        public long nextLong() {
            return ThreadLocalRandom.current().nextLong();
        }
    }
}
