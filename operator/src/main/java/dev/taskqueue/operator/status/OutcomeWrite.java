package dev.taskqueue.operator.status;

import dev.taskqueue.operator.api.Attempt;
import dev.taskqueue.operator.cache.RecordState;
import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.kube.ObjectLookup;
import dev.taskqueue.operator.kube.WriteAnswer;
import dev.taskqueue.operator.task.StatusPatch;
import dev.taskqueue.operator.task.StatusReader;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.task.Times;
import dev.taskqueue.operator.task.WrittenStatus;
import dev.taskqueue.operator.write.TaskWrite;
import dev.taskqueue.operator.write.TaskWriteContext;
import java.io.IOException;
import java.util.Objects;

/** Writes an outcome into status, with one patch. */
final class OutcomeWrite implements TaskWrite {
    private final TaskWriteContext context;
    private final Entry entry;
    private final int round;

    OutcomeWrite(TaskWriteContext context, Entry entry) {
        this.context = context;
        this.entry = entry;
        this.round = entry.history().round();
    }

    @Override
    public WriteAnswer send(TaskRecord record) throws IOException {
        return switch (record.beginOutcomeWrite(entry)) {
            case WRITE -> patch(record);
            case COMPARE -> {
                WriteAnswer found = readBack(record);
                yield found instanceof WriteAnswer.Conflict ? new WriteAnswer.NotFound() : found;
            }
            case NOTHING -> new WriteAnswer.NotFound();
        };
    }

    private WriteAnswer patch(TaskRecord record) throws IOException {
        RecordState known = record.state();
        StatusPatch patch = StatusPatch.of(
                entry, known.writtenStatus(), known.version(), context.wall().instant(), record.sentRequest());
        WriteAnswer answer = context.patchStatus(record, patch.body());
        if (answer instanceof WriteAnswer.Done(var body)) {
            outcomeWritten(record, TaskReader.resourceVersion(body), patch.writtenStatus());
        }
        return answer;
    }

    /** A write without an answer may have been done, and a conflict says that the known version is old. */
    @Override
    public WriteAnswer readBack(TaskRecord record) throws IOException {
        return switch (context.lookUp(record)) {
            case ObjectLookup.Absent _ -> new WriteAnswer.NotFound();
            case ObjectLookup.Failed refused -> WriteAnswer.of(refused.reply());
            case ObjectLookup.Found found -> compare(record, found);
        };
    }

    private WriteAnswer compare(TaskRecord record, ObjectLookup.Found found) {
        TaskObject now = found.task();
        if (isOvertakenBy(now)) {
            record.apply(new TaskMessage.OutcomeOvertaken(now));
            return new WriteAnswer.NotFound();
        }
        if (isWrittenIn(now)) {
            outcomeWritten(record, now.resourceVersion(), StatusReader.writtenStatus(now.status()));
            return new WriteAnswer.Done(found.json());
        }
        // An end stands, whichever process wrote it; and a redriven Task is in another round.
        boolean isOver = now.isFinished() || StatusReader.round(now.status()) != round;
        return isOver ? new WriteAnswer.NotFound() : new WriteAnswer.Conflict();
    }

    private void outcomeWritten(TaskRecord record, long version, WrittenStatus writtenStatus) {
        record.apply(new TaskMessage.OutcomeWritten(round, version, entry, writtenStatus));
    }

    /** Whether the process that had sent the attempt has written its outcome, while this process took it for interrupted. */
    private boolean isOvertakenBy(TaskObject task) {
        AttemptRecord last = entry.history().last();
        Attempt written = task.status().lastAttempt();
        return last != null
                && written != null
                && last.reason() == AttemptReason.Interrupted
                && !last.reason().name().equals(written.reason())
                && isSameAttempt(written, last)
                && StatusReader.round(task.status()) == round;
    }

    private boolean isWrittenIn(TaskObject task) {
        AttemptRecord last = entry.history().last();
        Attempt written = task.status().lastAttempt();
        boolean sameAttempt = last == null ? written == null : written != null && isSameAttempt(written, last);
        boolean sameEnd = (entry instanceof Entry.Finished) == task.isFinished();
        return StatusReader.round(task.status()) == round && sameAttempt && sameEnd;
    }

    private static boolean isSameAttempt(Attempt written, AttemptRecord own) {
        return Objects.equals(written.number(), own.number())
                && Objects.equals(written.dispatchTime(), Times.format(own.dispatchedAt()));
    }
}
