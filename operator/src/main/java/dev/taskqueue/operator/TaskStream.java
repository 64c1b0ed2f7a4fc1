package dev.taskqueue.operator;

import dev.taskqueue.operator.cache.FinishedTasks;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.SpecCache;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.domain.WatchState;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Delivery;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.engine.Dispatcher;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.intake.NamespaceTerms;
import dev.taskqueue.operator.intake.TaskActions;
import dev.taskqueue.operator.intake.TaskIntake;
import dev.taskqueue.operator.intake.TaskOffers;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.kube.ReflectorBackoff;
import dev.taskqueue.operator.kube.Sleeper;
import dev.taskqueue.operator.kube.TaskReflector;
import dev.taskqueue.operator.limits.SharedPool;
import dev.taskqueue.operator.prepare.DispatchServices;
import dev.taskqueue.operator.prepare.FirstStatusDispatcher;
import dev.taskqueue.operator.prepare.LateLoadingDispatcher;
import dev.taskqueue.operator.prepare.RequestSummaries;
import dev.taskqueue.operator.prepare.TaskDispatcher;
import dev.taskqueue.operator.reconcile.QueueTasks;
import dev.taskqueue.operator.retention.PurgeCollector;
import dev.taskqueue.operator.retention.RetentionCollector;
import dev.taskqueue.operator.status.DeadLetterJournal;
import dev.taskqueue.operator.status.Redriver;
import dev.taskqueue.operator.status.StatusJournal;
import dev.taskqueue.operator.status.WaitingStatusWriter;
import dev.taskqueue.operator.task.SpecRules;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.WriteListener;
import dev.taskqueue.operator.write.WriteRetries;
import dev.taskqueue.operator.write.WriteSlots;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The Tasks of the API server as one thing: they stream in to the engine, and what came of them goes back out. */
public final class TaskStream implements QueueTasks, AutoCloseable {
    private static final int WRITES_IN_FLIGHT = 32;
    /** A sixteenth of the heap, and no more than this many bytes, holds specs of Tasks that are due. */
    private static final long MAX_PAYLOADS = 64L << 20;

    /** By then a Task that waits is told. */
    private static final Duration TOLD_AFTER = Duration.ofSeconds(2);

    private static final String CLAIMED = "fieldSelector=status.state%3DDispatching";

    private final Settings settings;
    private final TaskWriteContext context;
    private final FinishedTasks finished = new FinishedTasks();
    private final RetentionCollector collector;
    private final WaitingStatusWriter waitingStatus;
    private final SpecCache specs;
    private final Dispatcher dispatcher;
    private final Journal journal;
    private final Redriver redriver;
    private final Executor threads;
    private final Function<Delivery, Optional<DeliveryStatus>> standing;
    private volatile @Nullable PurgeCollector purger;
    private final List<TaskReflector> reflectors = new CopyOnWriteArrayList<>();
    private volatile @Nullable TaskIntake intake;
    private final NamespaceTerms terms;

    /**
     * What the operator's settings say.
     *
     * @param namespaces empty = all
     * @param holder names this process in claims; unique to it
     * @param grace how long an earlier process may still finish what it had in flight
     * @param alone whether this process leads from the start; else it does in each namespace once {@link #takeOver} is done there
     */
    public record Settings(
            Set<String> namespaces,
            String holder,
            Duration maxScheduleAhead,
            Duration maxDispatchDeadline,
            Duration grace,
            boolean alone) {}

    /**
     * A stream that begins with {@link #start}.
     *
     * @param client must not repeat requests by itself
     * @param standing where a delivery stands, asked of the engine
     */
    public TaskStream(
            KubernetesClient client,
            Settings settings,
            QueueProfiles queues,
            Surroundings around,
            Function<Delivery, Optional<DeliveryStatus>> standing) {
        this.settings = settings;
        this.standing = standing;
        this.threads = around.threads();
        this.context = new TaskWriteContext(
                new ApiClient(client),
                new TaskCache(),
                new WriteSlots(WRITES_IN_FLIGHT),
                around.fence(),
                around.clock().wall(),
                new WriteRetries(around.clock(), Sleeper.SYSTEM, around.writes()));
        Instant now = context.wall().instant();
        this.terms =
                settings.alone() ? NamespaceTerms.alone(now, now.plus(settings.grace())) : NamespaceTerms.standby();
        this.collector = new RetentionCollector(context, finished, queues, around.threads());
        var preview =
                new RequestSummaries(context.api(), queues, around.services().targets());
        this.waitingStatus = new WaitingStatusWriter(context, settings.holder(), this::standing, preview::of);
        this.redriver = new Redriver(context, finished, around.threads());
        this.journal = new DeadLetterJournal(context, queues, new StatusJournal(context, collector));
        this.specs = new SpecCache(Math.min(MAX_PAYLOADS, Runtime.getRuntime().maxMemory() / 16));
        this.dispatcher = new TaskDispatcher(context, specs, queues, around.services(), settings.maxDispatchDeadline());
    }

    /**
     * What surrounds it.
     *
     * @param fence asked before every write
     * @param threads runs deletes and redrives
     * @param writes counts the API server's answers
     */
    public record Surroundings(
            Fence fence, Clocks clock, Executor threads, DispatchServices services, WriteListener writes) {}

    public Journal journal() {
        return journal;
    }

    /** The way to the workers, with the specs of this stream's Tasks. */
    public Dispatcher dispatcher() {
        return new FirstStatusDispatcher(
                new LateLoadingDispatcher(dispatcher), context.tasks(), waitingStatus, this::isOld);
    }

    /** What bounds reads and writes, for metrics. */
    public List<SharedPool> pools() {
        return Stream.concat(Stream.of(context.api().reads()), context.slots().pools().stream())
                .toList();
    }

    /** Lists and watches; returns at once. */
    public void start(Engine engine, RandomGenerator random) {
        var rules = new SpecRules(settings.maxScheduleAhead(), settings.maxDispatchDeadline());
        var offers = new TaskOffers(rules, context.wall(), terms);
        context.tasks()
                .handleEffects(new TaskActions(
                        new TaskActions.Parts(engine, offers, finished, specs, redriver), context.wall(), terms));
        var taskIntake = new TaskIntake(context, terms, settings.grace());
        intake = taskIntake;
        purger = new PurgeCollector(context, engine, threads);
        for (String namespace : namespaces()) {
            reflectors.add(new TaskReflector(
                    context.api(), namespace, taskIntake, new ReflectorBackoff(random), TaskReflector.LONGEST_SILENCE));
        }
        reflectors.forEach(TaskReflector::start);
        waitingStatus.start();
    }

    /** Whether a Task was due well before this process led, so that an earlier one may have sent it. */
    private boolean isOld(TaskId task) {
        Instant since = terms.ledAt(task.namespace());
        return since != null
                && standing(task)
                        .filter(now -> now instanceof DeliveryStatus.Queued(Instant dueAt)
                                && dueAt.isBefore(since.minus(TOLD_AFTER)))
                        .isPresent();
    }

    /** Names one Task of a queue whose outcome the API server refuses, and says why; empty where there is none. */
    @Override
    public String refusedWrite(QueueId queue) {
        return context.retries()
                .refusedOutcome(queue)
                .map(refusal -> " That of Task %s is among them: %s.".formatted(refusal.task(), refusal.why()))
                .orElse("");
    }

    private Set<String> namespaces() {
        return settings.namespaces().isEmpty() ? Set.of("") : settings.namespaces();
    }

    private TaskIntake started() {
        return Objects.requireNonNull(intake, "nothing is prepared before the stream starts");
    }

    /**
     * Takes over from the former leader in one namespace; to be called when that one dispatches no more and before this process acts there.
     * Reads the claims from the API server, which take slots, and returns once the watch has told all that was written before.
     *
     * @param namespace one of the settings; empty where they name none
     * @throws IOException where the API server does not tell; then call again
     */
    public void takeOver(String namespace) throws IOException, InterruptedException {
        started().expectClaims(namespace);
        // The claims are of this resourceVersion.
        String listed = context.api()
                .list(
                        namespace,
                        CLAIMED,
                        task -> TaskReflector.guarded(task, () -> started().adopt(task)));
        long version = Long.parseLong(listed);
        reflector(namespace).catchUp(version);
        started().lead(namespace, version);
    }

    private TaskReflector reflector(String namespace) {
        return reflectors.stream()
                .filter(reflector -> reflector.namespace().equals(namespace))
                .findFirst()
                .orElseThrow();
    }

    /** The Tasks of each namespace. */
    public List<? extends WatchState> followed() {
        return List.copyOf(reflectors);
    }

    /** The API server answers: what rests because it did not is done at once. */
    public void wake() {
        reflectors.forEach(TaskReflector::wake);
    }

    /** The fence has opened, first or again: what had to wait for that is done now. */
    public void leadershipResumed() {
        redriver.leadershipResumed();
    }

    /** Whether every Task of this namespace that exists has been seen. */
    @Override
    public boolean isSynced(String namespace) {
        return reflectors.stream()
                .filter(reflector ->
                        reflector.namespace().isEmpty() || reflector.namespace().equals(namespace))
                .anyMatch(TaskReflector::isSynced);
    }

    /** To be called about every second: deletes what nobody needs or wants any more, and looks after the watches. */
    public void tick() {
        collector.tick();
        redriver.tick();
        context.retries().tick(task -> context.tasks().get(task) != null);
        PurgeCollector begun = purger;
        if (begun != null) {
            begun.tick();
        }
    }

    /** Where a Task stands; empty for one that has ended or was not seen yet. */
    public Optional<DeliveryStatus> standing(TaskId task) {
        return Optional.ofNullable(context.tasks().get(task))
                .map(TaskRecord::delivery)
                .flatMap(standing);
    }

    /** A Task's standing has changed; if it lasts, its status will say so. */
    public void note(TaskId task) {
        waitingStatus.note(task);
    }

    /**
     * Writes claims for attempts that this process leaves in flight, so that its successor leaves them alone.
     *
     * @return whether each of them has one; one that is ending right now gets none
     */
    public boolean claim(Collection<Delivery> inFlight) {
        var unclaimed = new AtomicInteger();
        var writes = new Semaphore(WRITES_IN_FLIGHT);
        try (var writers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Delivery delivery : inFlight) {
                writes.acquireUninterruptibly();
                writers.execute(() -> {
                    unclaimed.addAndGet(waitingStatus.claim(delivery.id().task()) ? 0 : 1);
                    writes.release();
                });
            }
        }
        return unclaimed.get() == 0;
    }

    /**
     * Starts all Tasks of a queue again that failed by then; may be asked any number of times. Returns how many are left, once {@link
     * #isSynced}.
     */
    @Override
    public int redrive(QueueId queue, Instant failedBy) {
        return redriver.askAll(queue, failedBy);
    }

    @Override
    public int failedRetained(QueueId queue) {
        return finished.failedRetained(queue);
    }

    /** Nothing comes in any more. */
    @Override
    public void close() {
        reflectors.forEach(TaskReflector::close);
        waitingStatus.close();
    }
}
