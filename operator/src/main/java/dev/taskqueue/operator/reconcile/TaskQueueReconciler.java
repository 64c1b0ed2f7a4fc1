package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.api.Purge;
import dev.taskqueue.operator.api.Redrive;
import dev.taskqueue.operator.api.Stats;
import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.api.TaskQueueStatus;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.reconcile.QueueRules.Judgement;
import dev.taskqueue.operator.task.ActionValue;
import dev.taskqueue.operator.task.QueueProfile;
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
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Keeps the engine's settings as the TaskQueues say, and the TaskQueues' status as things are. */
@ControllerConfiguration(
        name = "taskqueue-operator",
        // Hold is an annotation, which leaves the generation as it is; and without a finalizer a deletion is an event
        // like others.
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = Constants.NO_MAX_RECONCILIATION_INTERVAL))
// An API server may be away for longer than any number of tries, and the end of a hold must not be lost over it.
@GradualRetry(maxAttempts = -1, initialInterval = 1_000, maxInterval = 30_000)
public final class TaskQueueReconciler implements Reconciler<TaskQueue> {
    private static final TaskQueueSpec NOTHING_SAID =
            new TaskQueueSpec(null, null, null, null, null, null, null, null, null, null);

    /**
     * When to look again after a write of status. The SDK takes what it hears up to its own write for an echo of it, and so misses an edit
     * of the spec that came in just before; the answer to the write has it.
     */
    private static final Duration AFTER_A_WRITE = Duration.ofMillis(1);

    /** The watch tells of what somebody else has written, by then or soon. */
    private static final Duration AFTER_A_CONFLICT = Duration.ofMillis(100);

    /** A timer takes no time beyond what a long holds in milliseconds, and a person may write the year 9999. */
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    private final Engine engine;
    private final QueueProfiles queues;
    private final ToIntFunction<QueueId> failedRetained;
    private final Function<QueueId, String> refusedWrite;
    private final InstantSource wall;
    private final Fence fence;
    private final PurgeOperation purges;
    private final RedriveOperation redrives;

    private final SimpleInboundEventSource<TaskQueue> turnEvents = new SimpleInboundEventSource<>("stats");
    private final StatsSchedule turns = new StatsSchedule();
    private final Map<QueueId, Stats> told = new ConcurrentHashMap<>();
    private final Map<QueueId, QueueProfile> settled = new ConcurrentHashMap<>();
    private final DeadLetterIndex recipients = new DeadLetterIndex(turnEvents::propagateEvent);

    /**
     * One for Java Operator SDK.
     *
     * @param tasks whose finished ones are counted, and started again
     * @param fence asked before every write; where it is closed, only the engine is told what a queue says
     */
    public TaskQueueReconciler(Engine engine, QueueProfiles queues, QueueTasks tasks, InstantSource wall, Fence fence) {
        this.engine = engine;
        this.queues = queues;
        this.failedRetained = tasks::failedRetained;
        this.refusedWrite = tasks::refusedWrite;
        this.wall = wall;
        this.fence = fence;
        this.purges = new PurgeOperation(engine, queue -> tasks.isSynced(queue.namespace()));
        this.redrives = new RedriveOperation((queue, failedBy) -> {
            int left = tasks.redrive(queue, failedBy);
            return tasks.isSynced(queue.namespace()) ? OptionalInt.of(left) : OptionalInt.empty();
        });
    }

    @Override
    public List<EventSource<?, TaskQueue>> prepareEventSources(EventSourceContext<TaskQueue> context) {
        recipients.follow(context.getPrimaryCache());
        return List.of(turnEvents);
    }

    @Override
    public UpdateControl<TaskQueue> reconcile(TaskQueue queue, Context<TaskQueue> context) {
        var id = new QueueId(
                queue.getMetadata().getNamespace(), queue.getMetadata().getName());
        if (context.isPrimaryResourceDeleted()) {
            forget(id);
            return UpdateControl.noUpdate();
        }
        Instant now = wall.instant();
        TaskQueueStatus before = queue.getStatus();
        Hold hold = Hold.of(queue.getMetadata().getAnnotations(), now);
        TaskQueueSpec spec = queue.getSpec() == null ? NOTHING_SAID : queue.getSpec();
        Judgement judgement = QueueRules.judge(id, spec, hold != null, recipients::sendsOn);
        long generation = queue.getMetadata().getGeneration();
        applySettings(
                id,
                profile(spec, judgement, settled.get(id)).withGeneration(generation),
                before == null || before.observedGeneration() == null);
        OperationStep<Purge> purge = purges.look(id, spec.purgeBefore(), before == null ? null : before.purge(), now);
        recipients.tell(id, QueueProfile.deadLetterQueue(spec) != null);
        Optional<Duration> holdEnds = holdEnds(hold, now);
        UpdateControl<TaskQueue> control = UpdateControl.noUpdate();
        if (!fence.isOpen(id.namespace())) {
            // A standby's engine knows what is paused and what is being purged; the rest is done when the fence opens.
            holdEnds.ifPresent(control::rescheduleAfter);
            return control;
        }
        OperationStep<Redrive> redrive =
                redrives.look(id, redriveAsked(queue), before == null ? null : before.redrive(), now);
        var operations = new QueueStatusBuilder.Operations(purge.told(), redrive.told());
        TaskQueueStatus status = new QueueStatusBuilder(generation, before, now, refusedWrite.apply(id))
                .of(spec, hold, judgement, operations, stats(id, before));
        Optional<Duration> afterWrite = status.equals(before)
                ? Optional.empty()
                : Optional.of(QueueStatusWriter.write(context, queue, status) ? AFTER_A_WRITE : AFTER_A_CONFLICT);
        Stream.of(holdEnds, Optional.ofNullable(purge.again()), Optional.ofNullable(redrive.again()), afterWrite)
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder())
                .ifPresent(control::rescheduleAfter);
        return control;
    }

    /** When to look whether the hold has ended. */
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

    /** @param before what was in force until now; null where nothing was */
    static QueueProfile profile(TaskQueueSpec spec, Judgement judgement, @Nullable QueueProfile before) {
        return switch (judgement) {
            case Judgement.Valid good -> good.profile();
            // What is in flight ends by the queue's own rules, dead letter included.
            case Judgement.Invalid bad ->
                bad.reason() == Reason.DeadLetterChain
                        ? QueueProfile.read(spec, true)
                        : QueueProfile.paused(spec, before);
        };
    }

    private void applySettings(QueueId id, QueueProfile profile, boolean isNew) {
        QueueProfile before = settled.put(id, profile);
        if (profile.equals(before)) {
            return;
        }
        queues.put(id, profile);
        turns.add(id);
        // Before it may set the queue going: what was prepared while it was held belongs to the past.
        if (before == null || !profile.makesSameRequestsAs(before)) {
            engine.discardPrepared(id);
        }
        engine.applySettings(id, profile.settings(), isNew);
        engine.wake(new Obstacle.Subject(Obstacle.Kind.TaskQueue, id.namespace(), id.name()));
    }

    private void forget(QueueId id) {
        settled.remove(id);
        told.remove(id);
        turns.remove(id);
        queues.remove(id);
        purges.forget(id);
        redrives.forget(id);
        engine.removeQueue(id);
        recipients.tell(id, false);
    }

    private Stats stats(QueueId id, @Nullable TaskQueueStatus before) {
        Stats known = before == null ? null : before.stats();
        if (known != null && !turns.take(id)) {
            return known;
        }
        Stats now = current(id).orElseThrow();
        told.put(id, now);
        return now;
    }

    private Optional<Stats> current(QueueId id) {
        return engine.stats(id).map(stats -> QueueStatusBuilder.stats(stats, failedRetained.applyAsInt(id)));
    }

    /** The fence has opened: every queue's status is to say what it should, once. */
    public void leadershipResumed() {
        settled.keySet().forEach(id -> turnEvents.propagateEvent(new ResourceID(id.name(), id.namespace())));
    }

    /** To be called twice a second: the statistics of one queue are written, if there are news of any. */
    public void turn() {
        if (!fence.isOpen()) {
            return;
        }
        QueueId next = turns.next(
                wall.instant(),
                id -> current(id).filter(stats -> !stats.equals(told.get(id))).isPresent());
        if (next != null) {
            turnEvents.propagateEvent(new ResourceID(next.name(), next.namespace()));
        }
    }
}
