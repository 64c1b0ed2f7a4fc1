package dev.taskqueue.operator.status;

import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.kube.WriteAnswer;
import dev.taskqueue.operator.retention.DeleteWrite;
import dev.taskqueue.operator.retention.RetentionCollector;
import dev.taskqueue.operator.task.StatusReader;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.TaskWriter;
import dev.taskqueue.operator.write.WriteKind;
import dev.taskqueue.operator.write.WriteResult;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes outcomes into the status of Tasks, each with one merge patch that carries the resourceVersion. A Task that its queue does not retain is
 * deleted instead. If the API server refuses the status of an end, the journal saves the end in another way, so that no restart sends the Task
 * again.
 */
public final class StatusJournal implements Journal {
    private static final Logger LOG = LoggerFactory.getLogger(StatusJournal.class);

    private final TaskWriteContext context;
    private final RetentionCollector retention;
    private final TaskWriter writer;

    public StatusJournal(TaskWriteContext context, RetentionCollector retention) {
        this.context = context;
        this.retention = retention;
        this.writer = new TaskWriter(context);
    }

    @Override
    public Receipt write(DeliveryId delivery, QueueId queue, Entry entry) {
        TaskRecord record = context.tasks().get(delivery.task());
        if (record == null) {
            return new Receipt.TaskDeleted();
        }
        return receipt(
                switch (entry) {
                    case Entry.BackingOff _ -> writeOutcome(record, entry);
                    case Entry.Finished end -> finish(record, end);
                });
    }

    private WriteResult finish(TaskRecord record, Entry.Finished end) {
        if (record.beginOutcomeWrite(end) != TaskRecord.OutcomeWriteStep.WRITE) {
            return writeOutcome(record, end);
        }
        if (retention.deletesAtOnce(record, end.ending().isSuccess())) {
            return delete(record, end);
        }
        if (record.isTracked()) {
            WriteResult annotated = annotate(record, end);
            switch (annotated) {
                case WriteResult.Written _ -> {}
                // The end is more important than the annotation.
                case WriteResult.Refused(String why, var _) ->
                    LOG.warn("Task {} ends without the annotation {}: {}", record.id, Annotations.COMPLETED, why);
                case WriteResult.NotNeeded _,
                        WriteResult.Fenced _,
                        WriteResult.Conflict _,
                        WriteResult.RetryLater _ -> {
                    return annotated;
                }
            }
        }
        WriteResult result = writeOutcome(record, end);
        return result instanceof WriteResult.Refused refused ? saveEnd(record, end, refused) : result;
    }

    private WriteResult writeOutcome(TaskRecord record, Entry entry) {
        return writer.write(WriteKind.OUTCOME, record, new OutcomeWrite(context, entry));
    }

    private WriteResult annotate(TaskRecord record, Entry.Finished end) {
        return writer.write(WriteKind.COMPLETED_ANNOTATION, record, new CompletedAnnotationWrite(context, end));
    }

    /** Writes at least the annotation if the status of an end is refused. If the worker has answered, it must not get the Task again after a
     * restart. */
    private WriteResult saveEnd(TaskRecord record, Entry.Finished end, WriteResult.Refused refused) {
        boolean isAnswered = switch (end.ending().reason()) {
            case Delivered, RetriesExhausted, NonRetryable -> true;
            case Expired, InvalidSpec, AlreadyCompleted -> false;
        };
        if (!isAnswered) {
            return refused;
        }
        WriteResult annotated = annotate(record, end);
        return annotated instanceof WriteResult.NotNeeded ? annotated : refused;
    }

    /** Deletes a Task that succeeded and to which nothing can be written. Otherwise the next process would send it again. */
    @Override
    public void saveUnwritten(DeliveryId delivery, Entry.Finished end) {
        TaskRecord record = context.tasks().get(delivery.task());
        if (record == null || record.isTracked() || !end.ending().isSuccess()) {
            return;
        }
        var note = new CompletedAnnotationWrite(context, end);
        if (writer.tryOnce(WriteKind.COMPLETED_ANNOTATION, record, note) instanceof WriteResult.Refused refused
                && refused.lasting()) {
            rescue(record, end, refused.why());
        }
    }

    private void rescue(TaskRecord record, Entry.Finished end, String why) {
        var write = new DeleteWrite(context, TaskRecord::resourceVersion, (_, now) -> afterEdit(now, end));
        if (writer.tryOnce(WriteKind.RESCUE_DELETE, record, write) instanceof WriteResult.Written) {
            endDeleted(record, end);
            LOG.warn(
                    "Task {} was delivered and is deleted, so that it is not sent again: neither its status nor its annotation {} can be written. {}",
                    record.id,
                    Annotations.COMPLETED,
                    why);
        }
    }

    private WriteResult delete(TaskRecord record, Entry.Finished end) {
        var endedByOthers = new AtomicBoolean();
        var write = new DeleteWrite(context, TaskRecord::resourceVersion, (_, now) -> {
            WriteAnswer answer = afterEdit(now, end);
            endedByOthers.set(answer instanceof WriteAnswer.NotFound);
            return answer;
        });
        WriteResult result = writer.write(WriteKind.END_BY_DELETE, record, write);
        boolean isGone = result instanceof WriteResult.NotNeeded && !endedByOthers.get();
        if (result instanceof WriteResult.Written || isGone) {
            // A Task that is gone was deleted by a request whose answer was lost, or by somebody else; either is what
            // was wanted.
            endDeleted(record, end);
            return WriteResult.WRITTEN;
        }
        return result;
    }

    private static void endDeleted(TaskRecord record, Entry.Finished end) {
        record.apply(new TaskMessage.DeletedInPlaceOfEnd(end.history().round()));
    }

    /** If another process wrote an end or a redrive, that stands. Any other edit does not prevent the delete. */
    private static WriteAnswer afterEdit(TaskObject now, Entry.Finished end) {
        boolean isOver = now.isFinished()
                || StatusReader.round(now.status()) != end.history().round();
        return isOver ? new WriteAnswer.NotFound() : new WriteAnswer.Conflict();
    }

    private static Receipt receipt(WriteResult result) {
        return switch (result) {
            case WriteResult.Written _ -> new Receipt.Written();
            case WriteResult.NotNeeded _ -> new Receipt.TaskDeleted();
            case WriteResult.Fenced _, WriteResult.Conflict _, WriteResult.RetryLater _ -> new Receipt.Fenced();
            case WriteResult.Refused refused -> new Receipt.WriteRefused(refused.why());
        };
    }
}
