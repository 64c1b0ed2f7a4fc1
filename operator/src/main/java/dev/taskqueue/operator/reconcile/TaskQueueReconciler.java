package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.api.Purge;
import dev.taskqueue.operator.api.Redrive;
import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.api.TaskQueueStatus;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Occurrences;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.reconcile.QueueRules.Judgement;
import dev.taskqueue.operator.task.ActionValue;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Applies the specs of TaskQueues to the engine, and writes the state of the queues into their status. */
@ControllerConfiguration(
        name = "taskqueue-operator",
        // A hold is an annotation, which does not change the generation. Without a finalizer a deletion is an event
        // like others.
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = Constants.NO_MAX_RECONCILIATION_INTERVAL))
// The API server may be away for longer than any number of retries, and the end of a hold must not be lost.
@GradualRetry(maxAttempts = -1, initialInterval = 1_000, maxInterval = 30_000)
public final class TaskQueueReconciler implements Reconciler<TaskQueue> {
    /**
     * The delay until the next reconciliation after a write of status. The SDK takes every event up to its own write for an echo, and so misses an
     * edit of the spec that came just before. The answer to the write contains that edit.
     */
    private static final Duration AFTER_A_WRITE = Duration.ofMillis(1);

    /** By then, or soon after, the watch delivers the other write. */
    private static final Duration AFTER_A_CONFLICT = Duration.ofMillis(100);

    /** The watch is behind what was read: it has probably shown more after this time. */
    private static final Duration OUTDATED = Duration.ofMillis(500);

    /** A timer takes no longer time than a long of milliseconds, and a person may write the year 9999. */
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    private final Engine engine;
    private final Function<QueueId, QueueReport.Retained> retained;
    private final Function<QueueId, String> refusedWrite;
    private final Clocks clocks;
    private final Supplier<Duration> aheadOfServer;
    private final QueueStatusStore statuses;
    private final QueueStatusFailures statusFailures;
    private final Occurrences occurrences;
    private final Fence fence;
    private final QueueSettingsApplier settings;
    private final PurgeOperation purges;
    private final RedriveOperation redrives;
    private final ReconcileListener listener;

    private final SimpleInboundEventSource<TaskQueue> statsEvents = new SimpleInboundEventSource<>("stats");
    private final StatsSchedule statsSchedule = new StatsSchedule();
    private final Map<QueueId, QueueReport> writtenReports = new ConcurrentHashMap<>();
    private final QueueWarnings warnings;
    private final DeadLetterIndex deadLetters = new DeadLetterIndex(statsEvents::propagateEvent);

    /**
     * Makes the reconciler that Java Operator SDK calls.
     *
     * @param ports count failed Tasks, redrive them, and check Services
     * @param fence asked before every write. While it is closed, only the engine gets a queue's settings
     */
    public TaskQueueReconciler(
            Engine engine,
            QueueProfiles queues,
            QueuePorts ports,
            Clocks clocks,
            Fence fence,
            ReconcileListener listener) {
        this.listener = listener;
        QueueTasks tasks = ports.tasks();
        this.engine = engine;
        this.retained = id -> new QueueReport.Retained(tasks.succeededRetained(id), tasks.failedRetained(id));
        this.refusedWrite = tasks::refusedWrite;
        this.clocks = clocks;
        this.aheadOfServer = tasks::aheadOfServer;
        this.statuses = ports.statuses();
        this.occurrences = ports.occurrences();
        this.statusFailures = new QueueStatusFailures(clocks.monotonic());
        this.fence = fence;
        this.warnings = new QueueWarnings(ports.targets(), ports.maxDispatchDeadline(), queues, deadLetters::exists);
        this.settings = new QueueSettingsApplier(engine, queues, deadLetters, statsSchedule::add);
        this.purges = new PurgeOperation(engine, tasks);
        this.redrives = new RedriveOperation((queue, value, failedBy) -> {
            int left = tasks.redrive(queue, value, failedBy);
            return tasks.isSynced(queue.namespace()) ? OptionalInt.of(left) : OptionalInt.empty();
        });
    }

    @Override
    public List<EventSource<?, TaskQueue>> prepareEventSources(EventSourceContext<TaskQueue> context) {
        deadLetters.follow(context.getPrimaryCache());
        return List.of(statsEvents);
    }

    @Override
    public UpdateControl<TaskQueue> reconcile(TaskQueue queue, Context<TaskQueue> context) {
        long began = clocks.nanos();
        boolean isDone = false;
        try {
            UpdateControl<TaskQueue> control = step(queue, context);
            isDone = true;
            return control;
        } finally {
            if (!isDone) {
                listener.failed();
            }
            listener.reconciled(Duration.ofNanos(clocks.nanos() - began));
        }
    }

    private UpdateControl<TaskQueue> step(TaskQueue queue, Context<TaskQueue> context) {
        QueueId id = QueueReading.id(queue);
        if (context.isPrimaryResourceDeleted()) {
            settings.forget(id);
            forget(id);
            return UpdateControl.noUpdate();
        }
        Instant now = clocks.wall().instant();
        Instant steady = clocks.steady();
        QueueReading reading = QueueReading.of(queue, now, deadLetters::sendsOn);
        if (!settings.apply(reading, steady)) {
            return UpdateControl.<TaskQueue>noUpdate().rescheduleAfter(OUTDATED);
        }
        TaskQueueSpec spec = reading.spec();
        Hold hold = reading.hold();
        Judgement judgement = reading.judgement();
        TaskQueueStatus before = queue.getStatus();
        // A purge compares times of creation, so it goes by the clock that they are by.
        Instant serverNow = now.minus(aheadOfServer.get());
        OperationStep<Purge> purge = purges.step(
                new PurgeOperation.Reading(
                        id, reading.version(), spec.purgeBefore(), before == null ? null : before.purge()),
                serverNow,
                steady);
        Optional<Duration> holdEnds = holdEnds(hold, now);
        UpdateControl<TaskQueue> control = UpdateControl.noUpdate();
        if (!fence.isOpen(id.namespace())) {
            // The engine of a standby knows which queues are paused or purged. Everything else is done when the fence
            // opens.
            holdEnds.ifPresent(wait -> control.rescheduleAfter(wholeMillis(wait)));
            return control;
        }
        occurrences.queueIs(id, queue.getMetadata().getUid());
        OperationStep<Redrive> redrive =
                redrives.step(id, redriveAsked(queue), before == null ? null : before.redrive(), now, steady);
        var operations = new QueueStatusBuilder.Operations(purge.status(), redrive.status());
        TaskQueueStatus status = new QueueStatusBuilder(
                        queue.getMetadata().getGeneration(), before, now, warnings(id, judgement))
                .of(spec, hold, judgement, operations, report(id, before));
        Optional<Duration> afterWrite = Optional.empty();
        if (status.equals(before)) {
            statusFailures.ended(id);
        } else {
            afterWrite = Optional.of(write(context, queue, id, status));
        }
        Stream.of(holdEnds, Optional.ofNullable(purge.again()), Optional.ofNullable(redrive.again()), afterWrite)
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder())
                .ifPresent(wait -> control.rescheduleAfter(wholeMillis(wait)));
        return control;
    }

    /**
     * Applies the queues of a namespace as they were read past the watch. To be called before this process acts there: its watch may miss what the
     * former leader has acknowledged.
     *
     * @param namespace empty = all
     * @param version the resourceVersion of the list
     */
    public void adopt(String namespace, List<TaskQueue> queues, long version) {
        Instant now = clocks.wall().instant();
        List<QueueReading> readings = queues.stream()
                .map(queue -> QueueReading.of(queue, now, deadLetters::sendsOn))
                .toList();
        settings.adopt(namespace, readings, version, clocks.steady()).forEach(this::forget);
    }

    /**
     * Writes the status. A failure is no exception: the SDK would log each of them with its stack trace.
     *
     * @return when to reconcile again
     */
    private Duration write(Context<TaskQueue> context, TaskQueue queue, QueueId id, TaskQueueStatus status) {
        return switch (QueueStatusWriter.write(statuses, context, queue, status)) {
            case QueueStatusWriter.Result.Written _ -> {
                statusFailures.ended(id);
                QueueEvents.between(queue, queue.getStatus(), status).forEach(occurrences::report);
                yield AFTER_A_WRITE;
            }
            case QueueStatusWriter.Result.Changed _ -> AFTER_A_CONFLICT;
            case QueueStatusWriter.Result.Failed failed -> {
                listener.failed();
                yield statusFailures.failed(id, failed.why());
            }
        };
    }

    private String warnings(QueueId id, Judgement judgement) {
        if (judgement instanceof Judgement.Valid valid) {
            return warnings.of(id, valid.profile());
        }
        warnings.forget(id);
        return "";
    }

    /** A Service or its EndpointSlices have changed: queues that name it may have another warning. */
    public void objectChanged(Obstacle.Subject object) {
        warnings.changedBy(object).forEach(this::reconcileAgain);
    }

    private void reconcileAgain(QueueId id) {
        statsEvents.propagateEvent(new ResourceID(id.name(), id.namespace()));
    }

    /** The SDK counts whole milliseconds. Rounded down, the rest of a wait would be none, and the queue reconciled again and again meanwhile. */
    static Duration wholeMillis(Duration wait) {
        return Duration.ofMillis(wait.plusNanos(999_999).toMillis());
    }

    /** When to check whether the hold has ended. */
    private static Optional<Duration> holdEnds(@Nullable Hold hold, Instant now) {
        if (hold == null || hold.until() == null) {
            return Optional.empty();
        }
        Duration left = Duration.between(now, hold.until()).plusMillis(1);
        return Optional.of(left.compareTo(LONGEST_WAIT) < 0 ? left : LONGEST_WAIT);
    }

    private static @Nullable String redriveAsked(TaskQueue queue) {
        Map<String, String> annotations = queue.getMetadata().getAnnotations();
        return annotations == null ? null : ActionValue.of(annotations.get(Annotations.REDRIVE));
    }

    private void forget(QueueId id) {
        statusFailures.ended(id);
        writtenReports.remove(id);
        statsSchedule.remove(id);
        purges.forget(id);
        redrives.forget(id);
        warnings.forget(id);
        occurrences.queueIsGone(id);
    }

    private QueueReport report(QueueId id, @Nullable TaskQueueStatus before) {
        QueueReport known = QueueReport.of(before);
        if (known != null && !statsSchedule.take(id)) {
            return known;
        }
        QueueReport now = current(id).orElseThrow();
        QueueReport worth = known != null && now.isNotWorthAWriteAfter(known) ? known : now;
        writtenReports.put(id, worth);
        return worth;
    }

    private Optional<QueueReport> current(QueueId id) {
        return engine.stats(id).map(stats -> QueueReport.of(stats, retained.apply(id), refusedWrite.apply(id)));
    }

    /** Whether Tasks of the queue begin or cease to be blocked, other than its status says. */
    private boolean isUrgent(QueueId id) {
        QueueReport written = writtenReports.get(id);
        boolean says = written != null && written.blocked() != null;
        return engine.isBlocked(id) != says;
    }

    /** The fence has opened: the status of every queue is checked once. */
    public void leadershipResumed() {
        settings.known().forEach(this::reconcileAgain);
    }

    /** Somebody has set the wall clock: holds may begin or end by it. */
    public void wallClockSet() {
        settings.known().forEach(this::reconcileAgain);
    }

    private boolean isNews(QueueId id, QueueReport report) {
        QueueReport written = writtenReports.get(id);
        return written == null || !report.isNotWorthAWriteAfter(written);
    }

    /** Called twice a second: writes the statistics of one queue, if those of any have changed. */
    public void turn() {
        if (!fence.isOpen()) {
            return;
        }
        QueueId next = statsSchedule.next(
                clocks.steady(),
                this::isUrgent,
                id -> current(id).filter(report -> isNews(id, report)).isPresent());
        if (next != null) {
            reconcileAgain(next);
        }
    }
}
