package dev.taskqueue.operator;

import dev.taskqueue.operator.batches.BatchPorts;
import dev.taskqueue.operator.cache.FinishedObjects;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.SpecCache;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.Occurrences;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.engine.Dispatcher;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.intake.ForeignWriteDetector;
import dev.taskqueue.operator.intake.NamespaceTerms;
import dev.taskqueue.operator.limits.SharedPool;
import dev.taskqueue.operator.ops.Config;
import dev.taskqueue.operator.prepare.BatchTemplates;
import dev.taskqueue.operator.prepare.DispatchServices;
import dev.taskqueue.operator.prepare.FirstStatusDispatcher;
import dev.taskqueue.operator.prepare.ItemDispatcher;
import dev.taskqueue.operator.prepare.KindDispatcher;
import dev.taskqueue.operator.prepare.LateLoadingDispatcher;
import dev.taskqueue.operator.prepare.RequestSummaries;
import dev.taskqueue.operator.prepare.TaskDispatcher;
import dev.taskqueue.operator.retention.RetentionCollector;
import dev.taskqueue.operator.status.DeadLetterJournal;
import dev.taskqueue.operator.status.StatusJournal;
import dev.taskqueue.operator.status.WaitingStatusWriter;
import dev.taskqueue.operator.write.TaskWriteContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/**
 * What the engine needs of the Tasks on the API server: the dispatchers, the journal, and the listener for waiting states. It is built before the
 * engine. {@link TaskFeed} is built after the engine, and shares the parts that are package-private here.
 */
final class TaskPorts {
    /** Specs of due Tasks take a sixteenth of the heap, and at most this many bytes. The same for items of batches. */
    private static final long MAX_SPECS = 64L << 20;
    /** What the Secrets and ConfigMaps of batches take at most. */
    private static final long MAX_TEMPLATES = 8L << 20;

    /** A waiting Task has its status by then. */
    private static final Duration WAITING_STATUS_WRITTEN_AFTER = Duration.ofSeconds(2);

    final TaskWriteContext context;
    final NamespaceTerms terms;
    final FinishedObjects<TaskRecord> finished;
    final SpecCache specs = new SpecCache(specBytes());
    final TaskStatusLookup status;
    final WaitingStatusWriter waitingStatus;
    final RetentionCollector retention;
    final BatchPorts batches;
    private final Dispatcher dispatcher;
    private final Journal journal;

    /**
     * The settings for the Tasks of the API server.
     *
     * @param namespaces empty = all
     * @param holder names this process in claims; unique to it
     * @param grace how long an earlier process may still finish what it had in flight
     * @param foreignWrites finds what operators with another Lease write
     * @param committedItems told how many outcomes each write of a TaskBatch's status had
     * @param listener hears of deliveries that were created, and of dead letters
     * @param occurrences told what people should know
     * @param isAlone whether this process leads from the start; else it leads in a namespace once {@link TaskFeed#takeOver} is done there
     */
    record Settings(
            Set<String> namespaces,
            String holder,
            Duration maxScheduleAhead,
            Duration maxDispatchDeadline,
            Duration grace,
            ForeignWriteDetector foreignWrites,
            IntConsumer committedItems,
            Listener listener,
            Occurrences occurrences,
            boolean isAlone) {
        static Settings of(
                Config config,
                String holder,
                ForeignWriteDetector foreignWrites,
                IntConsumer committedItems,
                Listener listener,
                Occurrences occurrences) {
            return new Settings(
                    config.namespaces(),
                    holder,
                    config.maxScheduleAhead(),
                    config.maxDispatchDeadline(),
                    config.shutdownGrace(),
                    foreignWrites,
                    committedItems,
                    listener,
                    occurrences,
                    !config.leaderElection());
        }
    }

    /** @param environment its threads run deletes */
    TaskPorts(
            TaskWriteContext context,
            QueueProfiles queues,
            DispatchServices services,
            Settings settings,
            Environment environment) {
        this.context = context;
        this.finished = new FinishedObjects<>(environment.clock());
        Instant now = context.wall().instant();
        terms = settings.isAlone() ? NamespaceTerms.alone(now, now.plus(settings.grace())) : NamespaceTerms.standby();
        status = new TaskStatusLookup(context.tasks(), queues);
        var summaries = new RequestSummaries(context.api(), queues, services.targets());
        waitingStatus = new WaitingStatusWriter(context, settings.holder(), status, status::withTurn, summaries::of);
        retention = new RetentionCollector(
                context, finished, queues, environment.threads().attempts());
        journal = new DeadLetterJournal(context, queues, settings.listener(), new StatusJournal(context, retention));
        var sender = new TaskDispatcher(context, specs, queues, services, settings.maxDispatchDeadline());
        var tasks = new FirstStatusDispatcher(
                new LateLoadingDispatcher(sender), context.tasks(), waitingStatus, this::isOld);
        batches = new BatchPorts(
                context,
                queues,
                environment.clock(),
                environment.threads().sleeper(),
                new BatchPorts.Settings(settings.maxScheduleAhead(), specBytes()));
        var templates = new BatchTemplates(context.api(), environment.clock().monotonic(), MAX_TEMPLATES);
        var items = new ItemDispatcher(batches.contents(), queues, templates, services, settings.maxDispatchDeadline());
        dispatcher = new KindDispatcher(tasks, new LateLoadingDispatcher(items));
    }

    private static long specBytes() {
        return Math.min(MAX_SPECS, Runtime.getRuntime().maxMemory() / 16);
    }

    /**
     * The dispatchers of Tasks and of items of batches. That of Tasks is a chain: the first writes a waiting status where an earlier process may have sent the Task already; the second lets
     * large requests wait without their bodies; the third gathers and sends the request.
     */
    Dispatcher dispatcher() {
        return dispatcher;
    }

    /** The chain of journals. The first creates the dead letter; the second writes the outcome into status. */
    Journal journal() {
        return journal;
    }

    /** Passes changed statuses to the writer of waiting states. */
    Listener listener() {
        return new Listener() {
            @Override
            public void statusChanged(DeliveryId delivery) {
                switch (delivery.key()) {
                    case TaskId task -> waitingStatus.note(task);
                    // What batches wait for is looked at once a second.
                    case ItemId _ -> {}
                }
            }
        };
    }

    /** The bounds on reads and writes, for metrics. */
    List<SharedPool> pools() {
        return Stream.concat(Stream.of(context.api().reads()), context.slots().pools().stream())
                .toList();
    }

    /** Whether a Task was due well before this process led, so that an earlier process may have sent it. */
    private boolean isOld(TaskId task) {
        Instant since = terms.ledAt(task.namespace());
        return since != null
                && status.apply(task)
                        .filter(now -> now instanceof DeliveryStatus.Queued(Instant dueAt, var _)
                                && dueAt.isBefore(since.minus(WAITING_STATUS_WRITTEN_AFTER)))
                        .isPresent();
    }
}
