package dev.taskqueue.operator;

import dev.taskqueue.operator.alarm.AlarmClock;
import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.api.Scheme;
import dev.taskqueue.operator.api.ServiceRef;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.dispatch.RequestSender;
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
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.engine.QueueStats;
import dev.taskqueue.operator.intake.ForeignWriteDetector;
import dev.taskqueue.operator.kube.ApiClient;
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
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running operator. It builds all parts, and starts and stops them in order. */
public final class TaskQueueOperator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TaskQueueOperator.class);
    private static final Duration START_PAUSE = Duration.ofMillis(20);
    private static final int WRITES_IN_FLIGHT = 32;

    private final Config config;
    private final Environment environment;
    private final Cluster cluster;
    private final ServedNamespaces namespaces;
    private final ReentrantLock namespaceCheck = new ReentrantLock();
    private volatile boolean stopping;
    private final HealthChecks health;
    private final Leadership leadership;
    private final AlarmClock alarm;
    private final TargetResolver targets;
    private final RequestSender workers;
    private final Reports reports;
    private final TaskPorts ports;
    private final Engine engine;
    private final TaskFeed feed;
    private final TaskQueueReconciler reconciler;
    private final MissingQueueReporter missingQueues;
    private final List<SharedPool> pools;
    private final QueueController queueController;
    private final Meters meters;
    private final MeterSources sources;
    private @Nullable HttpEndpoint endpoint;
    private Leadership.Participation election = () -> {};

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
        this(config, KubernetesCluster.of(cluster, environment), environment);
        meters.observeProcess();
        endpoint = health.endpoint(config.httpPort(), meters);
        if (config.console()) {
            endpoint.serveConsole();
        }
        start();
    }

    /** Builds everything for any cluster. {@link #start} starts it. */
    public TaskQueueOperator(Config config, Cluster cluster, Environment environment) {
        this.config = config;
        this.environment = environment;
        this.cluster = cluster;
        Clocks clock = environment.clock();
        String holder = Leadership.newHolder(environment.random());
        leadership = config.leaderElection()
                ? Leadership.Elected.of(config, cluster, holder, environment)
                : new Leadership.Alone();
        namespaces = new ServedNamespaces(config.namespaces(), !config.leaderElection(), clock.monotonic());
        meters = new Meters(Version.current(), clock.wall(), config.maxMetricQueues());
        sources = new MeterSources(meters.api());
        cluster.reportRequests(sources.requests());
        var foreignWrites = new ForeignWriteReporter(meters::wroteForeign, clock.monotonic());
        health = new HealthChecks(namespaces, foreignWrites::complaints, clock.monotonic());
        Fence fence = new NamespaceFence(leadership.fence(), namespaces::isLed);
        alarm = environment.alarms().make(environment.threads().attempts());

        // The ports come before the engine.
        var queues = new QueueProfiles();
        var counted = new CountedTokens(cluster.tokens(), meters.api()::tokenRequested);
        var tokens = new TokenRequester(counted, clock.monotonic());
        targets = new TargetResolver(cluster.informers(), targetSettings(), environment.random());
        workers = cluster.workers(clock, fence, environment.random());
        TaskWriteContext context = writeContext(fence);
        reports = new Reports(config, context.api(), fence, clock, holder);
        var services = new DispatchServices(targets, tokens, workers, reports.headers());
        var foreign = new ForeignWriteDetector(leadership.fieldOwner(), foreignWrites);
        var settings = TaskPorts.Settings.of(config, holder, foreign, meters::committed, meters, reports.occurrences());
        ports = new TaskPorts(context, queues, services, settings, environment);

        engine = engine(fence);
        ports.status.bind(engine);

        // Everything that calls the engine comes after it.
        feed = new TaskFeed(ports, engine, settings, environment);
        var queuePorts = new QueuePorts(
                feed,
                this::targetProblem,
                cluster.queueStatuses(),
                config.maxDispatchDeadline(),
                reports.occurrences());
        reconciler = new TaskQueueReconciler(engine, queues, queuePorts, clock, fence, sources.reconciliations());
        missingQueues = new MissingQueueReporter(engine, queues, fence);
        queueController = cluster.queues(reconciler, config.namespaces());

        meters.observe(engine::stats, queue -> MeterSources.facts(queues, feed::failedRetained, queue), fence::isOpen);
        meters.api().observeWatches(feed::lastWatchEvents);
        meters.observeNamespaces(namespaces::byName);
        meters.observeBatches(feed::batchesByState);
        pools = pools(tokens);
        meters.observePools(pools);
        scheduleDuties();
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

    private TaskWriteContext writeContext(Fence fence) {
        return new TaskWriteContext(
                new ApiClient(cluster.transport(), leadership.fieldOwner(), cluster.machineClock()),
                new TaskCache(),
                new WriteSlots(WRITES_IN_FLIGHT),
                fence,
                environment.clock().wall(),
                new WriteRetries(environment.clock(), environment.threads().sleeper(), meters::written));
    }

    private Engine engine(Fence fence) {
        Listener listeners = reports.with(meters, ports.listener());
        return new Engine(
                new EnginePorts(ports.dispatcher(), ports.journal(), ports.batches.journal(), alarm, fence, listeners),
                new EngineLimits(
                        config.maxInFlight(),
                        Runtime.getRuntime().maxMemory() / 4,
                        config.maxUnwritten(),
                        config.maxUnwrittenItems()),
                environment.clock(),
                environment.threads().attempts(),
                environment.random());
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
        alarm.every("events", Duration.ofSeconds(1), reports::tick);
        alarm.every("stats", Duration.ofMillis(500), this::writeStats);
        alarm.every("namespaces", Duration.ofSeconds(1), this::checkNamespaces);
    }

    /** Starts everything. Returns when the queues are known and Tasks are coming in. */
    public void start() {
        cluster.awaitApiServer(health::waitsFor);
        alarm.start(engine::ring);
        targets.start(changed -> {
            engine.wake(changed);
            reconciler.objectChanged(changed);
        });
        namespaces.follow(HealthChecks.TARGETS, probed(targets.informers()));
        awaitSynced(HealthChecks.TARGETS);
        cluster.warnOfMissing(targets.namespacesWithoutServices());
        queueController.start();
        namespaces.follow(HealthChecks.QUEUES, queueController.watches());
        awaitSynced(HealthChecks.QUEUES);
        feed.start();
        namespaces.follow(HealthChecks.TASKS, feed.watches());
        namespaces.follow(HealthChecks.BATCHES, feed.batchWatches());
        election = leadership.start(new TakeOver(
                namespaces,
                new QueueTakeOver(ports.context.api(), reconciler),
                feed,
                this::leadershipResumed,
                environment.leadershipLost(),
                sources::leaseSeen,
                environment.threads().sleeper()));
    }

    private List<WatchState> probed(List<TargetInformer> informers) {
        Cluster.RequestProbe probe = cluster.probe();
        return informers.stream()
                .<WatchState>map(informer -> new ProbedInformer(
                        switch (informer.kind()) {
                            case Services -> ProbedInformer.Kind.SERVICES;
                            case EndpointSlices -> ProbedInformer.Kind.SLICES;
                        },
                        informer.namespace(),
                        informer::isSynced,
                        informer::isWatching,
                        probe))
                .toList();
    }

    private void awaitSynced(String kinds) {
        while (!namespaces.isSynced(kinds) || !namespaces.isAnyServed()) {
            environment.threads().sleeper().pause(START_PAUSE);
        }
    }

    private void writeStats() {
        if (!stopping) {
            reconciler.turn();
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

    /** The port of the health and metrics endpoint. */
    public int httpPort() {
        return Objects.requireNonNull(endpoint, "this operator was built without an endpoint")
                .port();
    }

    /** The bounds that all queues share, as they are used now. */
    public List<SharedPool> pools() {
        return pools;
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
        stopping = true;
        feed.stopOtherWrites();
        new GracefulShutdown(engine, feed, leadership.fence(), environment)
                .run(config.shutdownGrace(), election::close);
        alarm.close();
        feed.close();
        queueController.close();
        targets.close();
        workers.close();
        reports.close();
        if (endpoint != null) {
            endpoint.close();
        }
        environment.threads().attempts().shutdownNow();
        cluster.close();
        LOG.info("Stopped");
    }
}
