package dev.taskqueue.operator;

import dev.taskqueue.operator.alarm.AlarmClock;
import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.api.Scheme;
import dev.taskqueue.operator.api.ServiceRef;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.dispatch.DeliveryHeaders;
import dev.taskqueue.operator.dispatch.HttpDispatcher;
import dev.taskqueue.operator.domain.Obstacle;
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
import dev.taskqueue.operator.engine.Listeners;
import dev.taskqueue.operator.engine.QueueStats;
import dev.taskqueue.operator.intake.ForeignWriteDetector;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.kube.Sleeper;
import dev.taskqueue.operator.limits.SharedPool;
import dev.taskqueue.operator.ops.Config;
import dev.taskqueue.operator.ops.HttpEndpoint;
import dev.taskqueue.operator.ops.Meters;
import dev.taskqueue.operator.prepare.DispatchServices;
import dev.taskqueue.operator.reconcile.MissingQueueReporter;
import dev.taskqueue.operator.reconcile.QueuePorts;
import dev.taskqueue.operator.reconcile.TaskQueueReconciler;
import dev.taskqueue.operator.targets.TargetInformer;
import dev.taskqueue.operator.targets.TargetResolution;
import dev.taskqueue.operator.targets.TargetResolver;
import dev.taskqueue.operator.targets.TokenRequester;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.WriteRetries;
import dev.taskqueue.operator.write.WriteSlots;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running operator. It builds all parts, and starts and stops them in order. */
public final class TaskQueueOperator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TaskQueueOperator.class);
    private static final Duration START_PAUSE = Duration.ofMillis(20);
    private static final int WRITES_IN_FLIGHT = 32;

    private final Config config;
    private final Environment environment;
    private final ApiServerClients clients;
    private final ServedNamespaces namespaces;
    private final ReentrantLock namespaceCheck = new ReentrantLock();
    private final HealthChecks health;
    private final Leadership leadership;
    private final AlarmClock alarm;
    private final TargetResolver targets;
    private final HttpDispatcher http;
    private final TaskPorts ports;
    private final Engine engine;
    private final TaskFeed feed;
    private final TaskQueueReconciler reconciler;
    private final MissingQueueReporter missingQueues;
    private final QueueController queueController;
    private final HttpEndpoint endpoint;
    private final Leadership.Participation election;

    /**
     * Builds everything and starts it. Returns when the queues are known and Tasks are coming in.
     *
     * @param cluster how to reach the API server
     * @throws IOException when the HTTP port is taken
     */
    public TaskQueueOperator(Config config, io.fabric8.kubernetes.client.Config cluster) throws IOException {
        this(config, cluster, Environment.ofThisMachine(() -> {}));
    }

    /**
     * The same in another environment, such as that of a test that moves the time.
     *
     * @throws IOException when the HTTP port is taken
     */
    public TaskQueueOperator(Config config, io.fabric8.kubernetes.client.Config cluster, Environment environment)
            throws IOException {
        this.config = config;
        this.environment = environment;
        clients = ApiServerClients.of(cluster);
        Clocks clock = environment.clock();
        RandomGenerator random = new ThreadRandom();
        String holder = Leadership.newHolder();
        leadership = config.leaderElection()
                ? Leadership.Elected.of(config, cluster, holder, clock, random)
                : new Leadership.Alone();
        namespaces = new ServedNamespaces(config.namespaces(), !config.leaderElection(), clock.monotonic());
        var meters = new Meters(Version.current(), clock.wall());
        var foreignWrites = new ForeignWriteReporter(meters::wroteForeign, clock.monotonic());
        health = new HealthChecks(namespaces, foreignWrites::complaints);
        Fence fence = new NamespaceFence(leadership.fence(), namespaces::isLed);
        alarm = environment.alarms().make(environment.threads());

        // The ports come before the engine.
        var queues = new QueueProfiles();
        var tokens = new TokenRequester(clients.direct(), clock.monotonic());
        targets = new TargetResolver(clients.informers(), targetSettings(), random);
        http = new HttpDispatcher(clock, fence, random);
        var services = new DispatchServices(targets, tokens, http, new DeliveryHeaders(Version.current()));
        var settings =
                TaskPorts.Settings.of(config, holder, new ForeignWriteDetector(leadership.fieldOwner(), foreignWrites));
        ports = new TaskPorts(writeContext(fence, meters), queues, services, settings, environment);

        engine = engine(fence, meters, random);
        ports.status.bind(engine);

        // Everything that calls the engine comes after it.
        feed = new TaskFeed(ports, engine, settings, environment.threads(), random);
        var queuePorts = new QueuePorts(feed, this::targetProblem, config.maxDispatchDeadline());
        reconciler = new TaskQueueReconciler(engine, queues, queuePorts, clock, fence);
        missingQueues = new MissingQueueReporter(engine, queues, fence);
        queueController = new QueueController(reconciler, config.namespaces(), clients.informers());

        meters.observe(engine::stats, fence::isOpen);
        meters.observeNamespaces(namespaces::byName);
        meters.observePools(pools(tokens));
        endpoint = health.endpoint(config.httpPort(), meters);
        scheduleDuties();
        election = start();
    }

    private TargetResolver.Settings targetSettings() {
        return new TargetResolver.Settings(
                config.namespaces(),
                config.allowedTargetCidrs(),
                System.getenv("KUBERNETES_SERVICE_HOST"),
                System.getenv("KUBERNETES_SERVICE_PORT"));
    }

    /** What the Service of a queue lacks, apart from endpoints, which come and go. */
    private Optional<String> targetProblem(QueueId queue, HttpTarget target) {
        ServiceRef service = Objects.requireNonNull(target.serviceRef());
        Boolean https = target.scheme() == null ? null : (Boolean) (target.scheme() == Scheme.HTTPS);
        String name = Objects.requireNonNull(service.name());
        return switch (targets.resolve(queue.namespace(), name, service.port(), https)) {
            case TargetResolution.Found _ -> Optional.empty();
            case TargetResolution.Missing(Obstacle obstacle) ->
                obstacle.reason() == Obstacle.Reason.NoReadyEndpoint
                        ? Optional.empty()
                        : Optional.of(obstacle.message());
        };
    }

    private TaskWriteContext writeContext(Fence fence, Meters meters) {
        return new TaskWriteContext(
                new ApiClient(clients.direct(), leadership.fieldOwner()),
                new TaskCache(),
                new WriteSlots(WRITES_IN_FLIGHT),
                fence,
                environment.clock().wall(),
                new WriteRetries(environment.clock(), Sleeper.SYSTEM, meters::written));
    }

    private Engine engine(Fence fence, Meters meters, RandomGenerator random) {
        var listeners = new Listeners(List.of(meters, ports.listener()));
        return new Engine(
                new EnginePorts(ports.dispatcher(), ports.journal(), alarm, fence, listeners),
                new EngineLimits(config.maxInFlight(), Runtime.getRuntime().maxMemory() / 4, config.maxUnwritten()),
                environment.clock(),
                environment.threads(),
                random);
    }

    private List<SharedPool> pools(TokenRequester tokens) {
        return Stream.of(engine.pools(), ports.pools(), tokens.pools())
                .flatMap(List::stream)
                .toList();
    }

    private void scheduleDuties() {
        alarm.every("tick", Duration.ofSeconds(Throttle.WINDOW_SECONDS), () -> {
            engine.tick();
            missingQueues.check();
            health.tick();
        });
        alarm.every("clocks", Duration.ofSeconds(1), this::compareClocks);
        alarm.every("tasks", Duration.ofSeconds(1), feed::tick);
        alarm.every("stats", Duration.ofMillis(500), reconciler::turn);
        alarm.every("namespaces", Duration.ofSeconds(1), this::checkNamespaces);
    }

    private Leadership.Participation start() {
        KubernetesClient direct = clients.direct();
        new ApiServerWait(direct, environment.clock().monotonic(), health::waitsFor).await();
        alarm.start(engine::ring);
        targets.start(changed -> {
            engine.wake(changed);
            reconciler.objectChanged(changed);
        });
        namespaces.follow(HealthChecks.TARGETS, probed(targets.informers()));
        awaitSynced(HealthChecks.TARGETS);
        new NamespaceProbe(direct).warnOfMissing(targets.namespacesWithoutServices());
        queueController.start();
        namespaces.follow(HealthChecks.QUEUES, queueController.watches(direct));
        awaitSynced(HealthChecks.QUEUES);
        feed.start();
        namespaces.follow(HealthChecks.TASKS, feed.watches());
        return leadership.start(new TakeOver(namespaces, feed, this::leadershipResumed, environment.leadershipLost()));
    }

    private List<WatchState> probed(List<TargetInformer> informers) {
        return informers.stream()
                .<WatchState>map(informer -> new ProbedInformer(
                        switch (informer.kind()) {
                            case Services -> ProbedInformer.Kind.SERVICES;
                            case EndpointSlices -> ProbedInformer.Kind.SLICES;
                        },
                        informer.namespace(),
                        informer::isSynced,
                        informer::isWatching,
                        clients.direct()))
                .toList();
    }

    private void awaitSynced(String kinds) {
        while (!namespaces.isSynced(kinds) || !namespaces.isAnyServed()) {
            Sleeper.SYSTEM.pause(START_PAUSE);
        }
    }

    private void compareClocks() {
        if (engine.compareClocks()) {
            reconciler.wallClockSet();
        }
    }

    /** A check asks the API server, which may take long. A second check does not start meanwhile. */
    private void checkNamespaces() {
        if (namespaceCheck.tryLock()) {
            try {
                namespaces.check().forEach(this::leadershipResumed);
            } finally {
                namespaceCheck.unlock();
            }
        }
    }

    private void leadershipResumed(String namespace) {
        if (leadership.fence().isOpen()) {
            engine.leadershipResumed(other -> namespace.isEmpty() || namespace.equals(other));
            feed.leadershipResumed();
            reconciler.leadershipResumed();
        }
    }

    public int httpPort() {
        return endpoint.port();
    }

    /** The status of a Task's delivery; empty for a Task that has ended or was not seen yet. */
    public Optional<DeliveryStatus> status(TaskId task) {
        return ports.status.apply(task);
    }

    /** The queues that are known, and those of Tasks that wait for theirs. */
    public Map<QueueId, QueueStats> stats() {
        return engine.stats();
    }

    /** Dispatches nothing new, lets attempts in flight end within the grace period, writes their outcomes, and stops all parts. */
    @Override
    public void close() {
        LOG.info("Stopping: nothing is dispatched any more");
        new GracefulShutdown(engine, feed, leadership.fence(), environment.threads())
                .run(config.shutdownGrace(), election::close);
        alarm.close();
        feed.close();
        queueController.close();
        targets.close();
        http.close();
        endpoint.close();
        environment.threads().shutdownNow();
        clients.close();
        LOG.info("Stopped");
    }

    /** Random numbers for many threads. */
    private static final class ThreadRandom implements RandomGenerator {
        @Override
        public long nextLong() {
            return ThreadLocalRandom.current().nextLong();
        }
    }
}
