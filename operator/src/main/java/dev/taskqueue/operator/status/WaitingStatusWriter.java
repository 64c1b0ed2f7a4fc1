package dev.taskqueue.operator.status;

import dev.taskqueue.operator.api.RequestSummary;
import dev.taskqueue.operator.cache.RecordState;
import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.kube.ObjectLookup;
import dev.taskqueue.operator.kube.WriteAnswer;
import dev.taskqueue.operator.status.WaitingStatusQueue.Next;
import dev.taskqueue.operator.task.StatusPatch;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.write.TaskWrite;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.TaskWriter;
import dev.taskqueue.operator.write.WriteKind;
import dev.taskqueue.operator.write.WriteResult;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the waiting state of Tasks that wait longer than about a second, and the claims of attempts in flight. Claims have their own slots. A waiting
 * state is written while no outcome is being written; under load, one is written after {@value WaitingStatusQueue#POLLS_UNDER_LOAD} polls.
 */
public final class WaitingStatusWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WaitingStatusWriter.class);

    private final TaskWriteContext context;
    private final TaskWriter writer;
    private final String holder;
    private final Function<TaskId, Optional<DeliveryStatus>> deliveryStatus;
    private final Function<TaskId, Optional<DeliveryStatus>> statusToWrite;
    private final Function<TaskRecord, Optional<RequestSummary>> requestSummaries;
    private final WaitingStatusQueue queue;
    private volatile @Nullable Thread thread;
    private volatile boolean closed;
    /** The Tasks whose claim is being written: at most one write for each. */
    private final Set<TaskId> claiming = ConcurrentHashMap.newKeySet();

    /**
     * Creates a writer that begins with {@link #start}.
     *
     * @param holder the name of this process in claims; no other process has it
     * @param deliveryStatus the present status of a Task's delivery
     * @param statusToWrite the same, and why it waits for its turn; asked right before a write
     * @param requestSummaries the request of a Task, if its own spec does not say all of it
     */
    public WaitingStatusWriter(
            TaskWriteContext context,
            String holder,
            Function<TaskId, Optional<DeliveryStatus>> deliveryStatus,
            Function<TaskId, Optional<DeliveryStatus>> statusToWrite,
            Function<TaskRecord, Optional<RequestSummary>> requestSummaries) {
        this.context = context;
        this.writer = new TaskWriter(context);
        this.holder = holder;
        this.deliveryStatus = deliveryStatus;
        this.statusToWrite = statusToWrite;
        this.requestSummaries = requestSummaries;
        this.queue = new WaitingStatusQueue(context, context.retries().sleeper());
    }

    /** Starts to write. Returns at once. */
    public void start(ThreadFactory threads) {
        Thread own = threads.newThread(this::work);
        own.setName("waiting-status");
        thread = own;
        own.start();
    }

    /** Notes that the state of a Task has changed. It is written if it lasts. Each Task is in line once. */
    public void note(TaskId task) {
        // A standby writes nothing. When the fence opens, all Tasks are noted again.
        if (context.fence().isOpen() && context.tasks().get(task) != null) {
            queue.note(task);
        }
    }

    /** How many Tasks are in line. */
    int size() {
        return queue.size();
    }

    /** From now on only claims are written: the process stops, and any other write would delay its last outcomes. */
    @Override
    public void close() {
        closed = true;
        Thread own = thread;
        if (own != null) {
            own.interrupt();
        }
    }

    private void work() {
        try {
            while (true) {
                fillQueue();
                Next next = queue.next();
                if (next == null) {
                    queue.await();
                } else if (unwritten(next.task()).isEmpty()) {
                    queue.done(next, WriteResult.NOT_NEEDED);
                } else {
                    queue.writeStarted();
                    Thread.startVirtualThread(() -> write(next));
                }
            }
        } catch (InterruptedException end) {
            LOG.debug("No more waiting states are written");
        }
    }

    private void fillQueue() {
        for (TaskId task : queue.takeDue()) {
            unwritten(task).ifPresent(now -> queue.add(task, now instanceof DeliveryStatus.Dispatching));
        }
        List<TaskId> all = queue.sweepCandidates();
        if (!all.isEmpty()) {
            queue.drop(all.stream().filter(task -> unwritten(task).isEmpty()).toList());
        }
    }

    private void write(Next next) {
        WriteResult result = WriteResult.NOT_NEEDED;
        try {
            result = next.claim() ? claim(next.task(), WriteKind.CLAIM) : writeWaitingStatus(next.task());
        } catch (RuntimeException failure) {
            LOG.error("The waiting state of Task {} could not be written; the others go on", next.task(), failure);
        } finally {
            queue.done(next, result);
        }
    }

    private WriteResult claim(TaskId task, WriteKind kind) {
        if (!claiming.add(task)) {
            return WriteResult.NOT_NEEDED;
        }
        try {
            return write(task, kind);
        } finally {
            claiming.remove(task);
        }
    }

    /** The state that status does not say yet; empty if there is none, or if the Task has ended. */
    private Optional<DeliveryStatus> unwritten(TaskId task) {
        TaskRecord record = context.tasks().get(task);
        return record == null ? Optional.empty() : unwritten(record);
    }

    private Optional<DeliveryStatus> unwritten(TaskRecord record) {
        return deliveryStatus
                .apply(record.id)
                .filter(now -> !record.isOvertaken(now) && StatusPatch.isUnwritten(now, record.writtenStatus()));
    }

    /** Writes the claim of an attempt that this process leaves in flight. Returns true if the claim is in status, or if the Task was deleted. */
    public boolean claim(TaskId task) {
        write(task, WriteKind.LAST_CLAIM);
        TaskRecord record = context.tasks().get(task);
        return record == null || record.writtenStatus().isClaimedBy(holder);
    }

    /** Writes the present state of the Task, if status does not say it yet. */
    public WriteResult writeWaitingStatus(TaskId task) {
        return write(task, WriteKind.WAITING_STATUS);
    }

    private WriteResult write(TaskId task, WriteKind kind) {
        TaskRecord record = context.tasks().get(task);
        if (record == null) {
            return WriteResult.NOT_NEEDED;
        }
        RequestSummary request = record.writtenStatus().hasRequest()
                ? null
                : requestSummaries.apply(record).orElse(null);
        return writer.tryOnce(kind, record, new WaitingStatusWrite(kind, request));
    }

    /** One write of a waiting state or a claim. */
    private final class WaitingStatusWrite implements TaskWrite {
        private final WriteKind kind;
        private final @Nullable RequestSummary request;

        WaitingStatusWrite(WriteKind kind, @Nullable RequestSummary request) {
            this.kind = kind;
            this.request = request;
        }

        /** Reads the record first and the state of the delivery after that, so that an outcome in between leads to a conflict. */
        @Override
        public WriteAnswer send(TaskRecord record) throws IOException {
            RecordState known = record.state();
            Optional<StatusPatch> patch = statusToWrite
                    .apply(record.id)
                    .filter(now -> !known.isOvertaken(now))
                    .filter(now -> !closed || kind != WriteKind.WAITING_STATUS)
                    .flatMap(now -> StatusPatch.of(
                            now,
                            holder,
                            known.writtenStatus(),
                            known.version(),
                            context.wall().instant(),
                            request));
            if (patch.isEmpty()) {
                return new WriteAnswer.NotFound();
            }
            WriteAnswer answer = context.patchStatus(record, patch.get().body());
            if (answer instanceof WriteAnswer.Done(var body)) {
                record.apply(new TaskMessage.StatusWritten(
                        known.phase().round(),
                        TaskReader.resourceVersion(body),
                        patch.get().writtenStatus()));
            }
            return answer;
        }

        @Override
        public WriteAnswer readBack(TaskRecord record) throws IOException {
            return switch (context.lookUp(record)) {
                case ObjectLookup.Absent _ -> new WriteAnswer.NotFound();
                case ObjectLookup.Failed refused -> WriteAnswer.of(refused.reply());
                case ObjectLookup.Found _ -> new WriteAnswer.Conflict();
            };
        }
    }
}
