package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.kube.TaskRecord.Told;
import java.io.IOException;
import java.util.Objects;

/** The one write of an outcome into status. */
final class OutcomeWrite implements TaskWrite {
    private final Cluster cluster;
    private final Collector collector;
    private final Entry entry;

    OutcomeWrite(Cluster cluster, Collector collector, Entry entry) {
        this.cluster = cluster;
        this.collector = collector;
        this.entry = entry;
    }

    @Override
    public ApiAnswer send(TaskRecord record) throws IOException {
        record.conclude(entry);
        StatusPatch patch = StatusPatch.of(
                entry, record.told(), record.resourceVersion(), cluster.wall().instant(), record.sent());
        ApiAnswer answer = ApiAnswer.of(cluster.api().patchStatus(record.id, patch.body()));
        if (answer instanceof ApiAnswer.Done(var body)) {
            written(record, TaskReader.resourceVersion(body), patch.told());
        }
        return answer;
    }

    /** A write that was not acknowledged may be in, and a conflict says that ours is out of date. */
    @Override
    public ApiAnswer readBack(TaskRecord record) throws IOException {
        return switch (cluster.api().look(record.id)) {
            case Lookup.Gone _ -> new ApiAnswer.Gone();
            case Lookup.Refused refused -> ApiAnswer.of(refused.reply());
            case Lookup.Found found -> compare(record, found);
        };
    }

    private ApiAnswer compare(TaskRecord record, Lookup.Found found) {
        TaskObject now = found.task();
        record.reread(now);
        if (isIn(now)) {
            written(record, now.resourceVersion(), Intake.told(now));
            return new ApiAnswer.Done(found.json());
        }
        if (History.of(now.status()).round() > entry.progress().round()) {
            // It was started again: what the round before came to must not be written over that.
            return new ApiAnswer.Gone();
        }
        if (Intake.isFinished(now)) {
            // Another process, when it led, came to an end that must stand.
            collector.finished(
                    record, now.status().state() == TaskState.Succeeded, Intake.endedAt(now, cluster.wall()));
            return new ApiAnswer.Gone();
        }
        return new ApiAnswer.Stale();
    }

    private void written(TaskRecord record, long version, Told told) {
        record.written(version, told);
        record.answered();
        if (entry instanceof Entry.Finished finished) {
            collector.finished(record, finished.ending().isSuccess(), finished.at());
        }
    }

    private boolean isIn(TaskObject task) {
        AttemptRecord last = entry.progress().last();
        var written = task.status().lastAttempt();
        boolean sameAttempt = last == null
                ? written == null
                : written != null
                        && Objects.equals(written.number(), last.number())
                        && Objects.equals(written.dispatchTime(), Times.format(last.dispatchedAt()));
        boolean sameEnd = (entry instanceof Entry.Finished) == Intake.isFinished(task);
        return sameAttempt && sameEnd;
    }
}
