package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.kube.TaskRecord.Told;
import java.io.IOException;
import java.util.Objects;

/** The one write of an outcome into status. */
final class OutcomeWrite implements TaskWrite {
    private final Cluster cluster;
    private final Entry entry;
    private final int round;

    OutcomeWrite(Cluster cluster, Entry entry) {
        this.cluster = cluster;
        this.entry = entry;
        this.round = entry.progress().round();
    }

    @Override
    public ApiAnswer send(TaskRecord record) throws IOException {
        return switch (record.concluding(entry)) {
            case WRITE -> patch(record);
            case COMPARE -> {
                ApiAnswer found = readBack(record);
                yield found instanceof ApiAnswer.Stale ? new ApiAnswer.Gone() : found;
            }
            case NOTHING -> new ApiAnswer.Gone();
        };
    }

    private ApiAnswer patch(TaskRecord record) throws IOException {
        EntryState known = record.known();
        StatusPatch patch = StatusPatch.of(
                entry, known.told(), known.version(), cluster.wall().instant(), record.sent());
        ApiAnswer answer = ApiAnswer.of(cluster.api().patchStatus(record.id, patch.body()));
        if (answer instanceof ApiAnswer.Done(var body)) {
            written(record, TaskReader.resourceVersion(body), patch.told());
        }
        return answer;
    }

    /** A write that was not acknowledged may be in, and a conflict says that ours is out of date. */
    @Override
    public ApiAnswer readBack(TaskRecord record) throws IOException {
        return switch (cluster.look(record)) {
            case Lookup.Gone _ -> new ApiAnswer.Gone();
            case Lookup.Refused refused -> ApiAnswer.of(refused.reply());
            case Lookup.Found found -> compare(record, found);
        };
    }

    private ApiAnswer compare(TaskRecord record, Lookup.Found found) {
        TaskObject now = found.task();
        if (isIn(now)) {
            written(record, now.resourceVersion(), History.told(now.status()));
            return new ApiAnswer.Done(found.json());
        }
        // An end stands, whoever came to it; and what was started again is in another round.
        boolean isOver = now.isFinished() || History.round(now.status()) != round;
        return isOver ? new ApiAnswer.Gone() : new ApiAnswer.Stale();
    }

    private void written(TaskRecord record, long version, Told told) {
        record.tell(new TaskMessage.Acknowledged(round, version, entry, told));
    }

    private boolean isIn(TaskObject task) {
        AttemptRecord last = entry.progress().last();
        var written = task.status().lastAttempt();
        boolean sameAttempt = last == null
                ? written == null
                : written != null
                        && Objects.equals(written.number(), last.number())
                        && Objects.equals(written.dispatchTime(), Times.format(last.dispatchedAt()));
        boolean sameEnd = (entry instanceof Entry.Finished) == task.isFinished();
        return History.round(task.status()) == round && sameAttempt && sameEnd;
    }
}
