package dev.taskqueue.operator;

import dev.taskqueue.operator.batches.BatchWork;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.ObjectId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.domain.WatchState;
import dev.taskqueue.operator.engine.Delivery;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.intake.ForeignWriteDetector;
import dev.taskqueue.operator.intake.TaskActions;
import dev.taskqueue.operator.intake.TaskIntake;
import dev.taskqueue.operator.intake.TaskOffers;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.kube.CreationExpectations;
import dev.taskqueue.operator.kube.CreationNotingSink;
import dev.taskqueue.operator.kube.ObjectReflector;
import dev.taskqueue.operator.kube.ReflectorBackoff;
import dev.taskqueue.operator.kube.ResourceKind;
import dev.taskqueue.operator.kube.WatchEventTimes;
import dev.taskqueue.operator.reconcile.QueueTasks;
import dev.taskqueue.operator.retention.PurgeCollector;
import dev.taskqueue.operator.status.Redriver;
import dev.taskqueue.operator.task.SpecRules;
import dev.taskqueue.operator.write.TaskWriteContext;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Feeds the engine with the Tasks of the API server, and does what is needed besides attempts: it writes waiting states, redrives, and deletes.
 * It is built after the engine, from {@link TaskPorts}.
 */
final class TaskFeed implements QueueTasks, AutoCloseable {
    private static final int CLAIMS_AT_ONCE = 32;
    private static final String CLAIMED = "fieldSelector=status.state%3DDispatching";

    private final TaskPorts ports;
    private final ThreadFactory loops;
    private final TaskWriteContext context;
    private final ForeignWriteDetector foreignWrites;
    private final TaskIntake intake;
    private final Redriver redriver;
    private final PurgeCollector purges;
    private final BatchWork batches;
    private final WatchEventTimes eventTimes;
    private final List<ObjectReflector> reflectors;
    private final List<ObjectReflector> batchReflectors;
    private volatile boolean stopping;

    /**
     * Makes a feed that begins with {@link #start}.
     *
     * @param environment its threads run deletes and redrives, its random numbers spread the pauses of the reflectors
     */
    TaskFeed(TaskPorts ports, Engine engine, TaskPorts.Settings settings, Environment environment) {
        Executor threads = environment.threads().attempts();
        this.ports = ports;
        this.loops = environment.threads().loops();
        this.context = ports.context;
        this.foreignWrites = settings.foreignWrites();
        this.intake = new TaskIntake(context, ports.terms, settings.grace(), foreignWrites, settings.listener());
        this.redriver = new Redriver(context, ports.finished, threads);
        this.purges = new PurgeCollector(context, engine, threads);
        var rules = new SpecRules(settings.maxScheduleAhead(), settings.maxDispatchDeadline());
        var offers = new TaskOffers(rules, context.wall(), ports.terms, context.api()::aheadOfServer);
        context.tasks()
                .handleEffects(new TaskActions(
                        new TaskActions.Parts(engine, offers, ports.finished, ports.specs, redriver),
                        context.wall(),
                        ports.terms));
        this.batches = new BatchWork(
                ports.batches,
                engine,
                new BatchWork.Surroundings(
                        context.fence(),
                        ports.terms,
                        settings.holder(),
                        threads,
                        settings.committedItems(),
                        settings.listener(),
                        settings.occurrences()));
        Set<String> namespaces = settings.namespaces().isEmpty() ? Set.of("") : settings.namespaces();
        this.eventTimes = new WatchEventTimes(context.wall());
        CreationExpectations created = context.api().creations();
        this.reflectors = reflectors(
                ResourceKind.TASKS,
                namespaces,
                eventTimes.noting(ResourceKind.TASKS, new CreationNotingSink(created, intake)),
                environment);
        this.batchReflectors = reflectors(
                ResourceKind.TASK_BATCHES,
                namespaces,
                eventTimes.noting(ResourceKind.TASK_BATCHES, new CreationNotingSink(created, batches.intake())),
                environment);
    }

    private List<ObjectReflector> reflectors(
            ResourceKind kind, Set<String> namespaces, ObjectReflector.Sink sink, Environment environment) {
        return namespaces.stream()
                .map(namespace -> new ObjectReflector(
                        context.api(),
                        kind,
                        namespace,
                        sink,
                        new ReflectorBackoff(
                                environment.random(), environment.threads().sleeper()),
                        ObjectReflector.LONGEST_SILENCE))
                .toList();
    }

    private Stream<ObjectReflector> allReflectors() {
        return Stream.concat(reflectors.stream(), batchReflectors.stream());
    }

    /** Starts to list and watch, and to write waiting states. Returns at once. */
    void start() {
        allReflectors().forEach(reflector -> reflector.start(loops));
        ports.waitingStatus.start(loops);
        batches.start(loops);
    }

    /**
     * Takes over from the former leader in one namespace. It is called when the former leader dispatches no more, and before this process acts
     * there. It reads the claims from the API server, so that they take slots. It returns once the watch has delivered everything that was
     * written before.
     *
     * @param namespace one of the settings; empty when they name none
     * @throws IOException when the API server does not answer; the caller tries again
     */
    void takeOver(String namespace) throws IOException, InterruptedException {
        intake.expectClaims(namespace);
        // The claims are of this resourceVersion.
        ApiClient.Listing listed =
                context.api().list(namespace, CLAIMED, task -> ObjectReflector.guarded(task, () -> intake.adopt(task)));
        long version = Long.parseLong(listed.version());
        reflector(reflectors, namespace).catchUp(version);
        reflector(batchReflectors, namespace).catchUp(version);
        intake.lead(namespace, version);
        batches.lead(namespace);
        listed.serverTime().ifPresent(now -> foreignWrites.lead(namespace, now));
    }

    private static ObjectReflector reflector(List<ObjectReflector> reflectors, String namespace) {
        return reflectors.stream()
                .filter(reflector -> reflector.namespace().equals(namespace))
                .findFirst()
                .orElseThrow();
    }

    /** The watch of Tasks in each namespace. */
    List<? extends WatchState> watches() {
        return reflectors;
    }

    /** The watch of TaskBatches in each namespace. */
    List<? extends WatchState> batchWatches() {
        return batchReflectors;
    }

    /** When the watches have last shown an object, for metrics. */
    Map<String, Instant> lastWatchEvents() {
        return eventTimes.byResource();
    }

    /** The API server answers: reflectors that pause after a failure ask again at once. */
    void wake() {
        allReflectors().forEach(ObjectReflector::wake);
        batches.wake();
    }

    /** The fence has opened, for the first time or again: redrives that waited for it go on. */
    void leadershipResumed() {
        redriver.leadershipResumed();
        batches.wake();
    }

    /** From now on only outcomes and claims are written: every other write would keep the next leader waiting. */
    void stopOtherWrites() {
        stopping = true;
        ports.waitingStatus.close();
        ports.retention.close();
        batches.hurry();
    }

    /** How many batches are in each state, for metrics. */
    Map<String, Integer> batchesByState() {
        return batches.byState();
    }

    /** How many outcomes of items of batches are not written yet. */
    int unwrittenItems() {
        return batches.unwritten();
    }

    private boolean exists(ObjectId object) {
        return switch (object) {
            case TaskId task -> context.tasks().get(task) != null;
            case BatchId batch -> batches.exists(batch);
        };
    }

    /** Called about every second: restarts dead watches, deletes Tasks whose retention has ended or that are purged, and continues redrives. */
    void tick() {
        context.retries().tick(this::exists);
        allReflectors().forEach(ObjectReflector::checkSilence);
        if (stopping) {
            return;
        }
        ports.retention.tick();
        redriver.tick();
        purges.tick();
        batches.tick();
    }

    /**
     * Writes claims for attempts that this process leaves in flight, so that the next leader does not send them again.
     *
     * @return whether each of them has a claim; an attempt that is ending right now gets none
     */
    boolean claim(Collection<Delivery> inFlight) {
        boolean itemsClaimed = batches.claim(inFlight.stream()
                .map(delivery -> delivery.id().key())
                .filter(ItemId.class::isInstance)
                .map(item -> ((ItemId) item).batch())
                .collect(Collectors.toSet()));
        var unclaimed = new AtomicInteger();
        var writes = new Semaphore(CLAIMS_AT_ONCE);
        try (var writers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Delivery delivery : inFlight) {
                if (!(delivery.id().key() instanceof TaskId task)) {
                    continue;
                }
                writes.acquireUninterruptibly();
                writers.execute(() -> {
                    boolean claimed = ports.waitingStatus.claim(task);
                    unclaimed.addAndGet(claimed ? 0 : 1);
                    writes.release();
                });
            }
        }
        return itemsClaimed && unclaimed.get() == 0;
    }

    @Override
    public boolean isSynced(String namespace) {
        return following(reflectors, namespace).anyMatch(ObjectReflector::isSynced)
                && following(batchReflectors, namespace).anyMatch(ObjectReflector::isSynced);
    }

    @Override
    public boolean hasSeen(String namespace, long version) {
        boolean tasks = following(reflectors, namespace).anyMatch(reflector -> reflector.hasSeen(version));
        return following(batchReflectors, namespace).anyMatch(reflector -> reflector.hasSeen(version)) && tasks;
    }

    private static Stream<ObjectReflector> following(List<ObjectReflector> reflectors, String namespace) {
        return reflectors.stream()
                .filter(reflector ->
                        reflector.namespace().isEmpty() || reflector.namespace().equals(namespace));
    }

    @Override
    public String refusedWrite(QueueId queue) {
        return context.retries()
                .refusedOutcome(queue)
                .map(refusal -> " That of %s %s is among them: %s."
                        .formatted(kind(refusal.object()), refusal.object(), refusal.why()))
                .orElse("");
    }

    private static String kind(ObjectId object) {
        return switch (object) {
            case TaskId _ -> "Task";
            case BatchId _ -> "TaskBatch";
        };
    }

    @Override
    public int redrive(QueueId queue, String value, Instant failedBy) {
        return redriver.askAll(queue, value, failedBy) + batches.redrive(queue, value, failedBy);
    }

    @Override
    public Duration aheadOfServer() {
        return context.api().aheadOfServer();
    }

    @Override
    public int failedRetained(QueueId queue) {
        return ports.finished.failedRetained(queue) + batches.failedRetained(queue);
    }

    @Override
    public int succeededRetained(QueueId queue) {
        return ports.finished.succeededRetained(queue) + batches.succeededRetained(queue);
    }

    /** Stops the watches and all writes. */
    @Override
    public void close() {
        stopOtherWrites();
        batches.close();
        allReflectors().forEach(ObjectReflector::close);
    }
}
