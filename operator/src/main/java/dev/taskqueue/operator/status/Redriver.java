package dev.taskqueue.operator.status;

import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.cache.FinishedObjects;
import dev.taskqueue.operator.cache.RecordState;
import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.kube.ObjectLookup;
import dev.taskqueue.operator.kube.WriteAnswer;
import dev.taskqueue.operator.task.HandledAnnotations;
import dev.taskqueue.operator.task.RedriveRequest;
import dev.taskqueue.operator.task.StatusPatch;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.write.TaskWrite;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.TaskWriter;
import dev.taskqueue.operator.write.WriteKind;
import dev.taskqueue.operator.write.WriteQueue;
import dev.taskqueue.operator.write.WriteResult;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Redrives Failed Tasks: it writes into their status that they are open again, a few at a time. The watch shows them to the intake, which handles them
 * like any other Task, so a crash in between loses nothing.
 */
public final class Redriver {
    private final TaskWriteContext context;
    private final FinishedObjects<TaskRecord> finished;
    private final TaskWriter writer;
    private final WriteQueue<TaskRecord> queue;

    public Redriver(TaskWriteContext context, FinishedObjects<TaskRecord> finished, Executor threads) {
        this.context = context;
        this.finished = finished;
        this.writer = new TaskWriter(context);
        this.queue = new WriteQueue<>(context.retries()::nanos, context.slots().redrives(), threads, new Redrives());
    }

    /** Redrives a Task whose record has just noted the redrive. */
    public void start(TaskRecord record) {
        queue.add(record);
    }

    /**
     * Requests a redrive of all Failed Tasks of a queue that had ended by this time. Returns how many there still are, those included whose end is
     * still being written. A Task that this value of the queue's annotation has started before is left alone: it has failed again.
     */
    public int askAll(QueueId queue, String value, Instant failedBy) {
        int failing = failing(queue, failedBy);
        RedriveRequest request = RedriveRequest.byQueue(value);
        List<TaskRecord> failed = finished.failed(queue, failedBy).stream()
                .filter(record -> !record.writtenStatus().handled().include(request))
                .toList();
        failed.forEach(record -> record.apply(new TaskMessage.RedriveRequested(value)));
        return failed.size() + failing;
    }

    /** The API server may have stored their ends, so people may see them as Failed, even if this process has no answer yet. */
    private int failing(QueueId queue, Instant by) {
        var count = new AtomicInteger();
        context.tasks().forEach(record -> {
            if (record.queue.equals(queue) && record.state().isFailingBy(by)) {
                count.incrementAndGet();
            }
        });
        return count.get();
    }

    /** Starts the redrives that may start now. Called about every second. */
    public void tick() {
        queue.startWrites();
    }

    /** The fence has opened: continues the redrives that had to wait. A redrive that another leader has done meanwhile is not repeated. */
    public void leadershipResumed() {
        context.tasks().forEach(record -> {
            if (record.state().redrive() != null) {
                record.apply(new TaskMessage.LeadershipResumed());
            }
        });
    }

    private final class Redrives implements WriteQueue.Work<TaskRecord> {
        @Override
        public @Nullable TaskRecord next() {
            return null;
        }

        @Override
        public @Nullable Duration write(TaskRecord record) {
            RecordState known = record.state();
            RecordState.Redrive redrive = known.redrive();
            if (redrive == null || redrive.deferred()) {
                return null;
            }
            int round = known.phase().round();
            return switch (write(record, new RedriveWrite(redrive.request()))) {
                case WriteResult.Written _, WriteResult.NotNeeded _ -> {
                    record.apply(new TaskMessage.RedriveDone(round, redrive.request()));
                    yield null;
                }
                case WriteResult.Fenced _ -> {
                    record.apply(new TaskMessage.RedriveDeferred(round));
                    yield null;
                }
                case WriteResult.Conflict _, WriteResult.Refused _ -> Duration.ZERO;
                case WriteResult.RetryLater(var _, Duration atLeast) -> atLeast;
            };
        }

        private WriteResult write(TaskRecord record, RedriveWrite write) {
            WriteResult result = writer.tryOnce(WriteKind.REDRIVE, record, write);
            return result instanceof WriteResult.Conflict ? writer.tryOnce(WriteKind.REDRIVE, record, write) : result;
        }
    }

    /** Writes that the Task is open again, with the version that it has just read. */
    private final class RedriveWrite implements TaskWrite {
        private final RedriveRequest request;

        RedriveWrite(RedriveRequest request) {
            this.request = request;
        }

        @Override
        public WriteAnswer send(TaskRecord record) throws IOException {
            return switch (context.api().lookUp(record.id)) {
                case ObjectLookup.Absent _ -> new WriteAnswer.NotFound();
                case ObjectLookup.Failed refused -> WriteAnswer.of(refused.reply());
                case ObjectLookup.Found found -> reopen(record, found.task());
            };
        }

        private WriteAnswer reopen(TaskRecord record, TaskObject task) throws IOException {
            if (task.status().state() != TaskState.Failed
                    || HandledAnnotations.of(task.status()).include(request)) {
                return new WriteAnswer.NotFound();
            }
            StatusPatch patch =
                    StatusPatch.redriven(task, request, context.wall().instant());
            return context.patchStatus(record, patch.body());
        }

        /** Reads nothing, because {@link #send} begins with a read. */
        @Override
        public WriteAnswer readBack(TaskRecord record) {
            return new WriteAnswer.Conflict();
        }
    }
}
