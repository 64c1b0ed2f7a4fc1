package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Starts Failed Tasks again: writes into their status that they are open, a few at a time. The watch tells it to {@link Intake}, which
 * takes them in as it takes in any Task, so a crash in between loses nothing.
 */
final class Redriver {
    private final Cluster cluster;
    private final Collector collector;
    private final WriteQueue queue;
    /** Asked for and not yet written; each Task is in line once, however often it is asked for. */
    private final Map<TaskId, Ask> underway = new ConcurrentHashMap<>();

    /** What Tasks' own annotations ask for and this process may not do as it does not lead. */
    private final Map<TaskId, String> waiting = new ConcurrentHashMap<>();

    /** @param value that of the Task's own annotation; null where its queue's asks */
    private record Ask(@Nullable String value) {}

    Redriver(Cluster cluster, Collector collector, Executor threads) {
        this.cluster = cluster;
        this.collector = collector;
        this.queue = new WriteQueue(cluster, cluster.slots().redrives(), threads, new Redrives());
    }

    /** @param value that of the Task's own annotation; null where its queue's asks */
    void ask(TaskId task, @Nullable String value) {
        TaskRecord record = cluster.tasks().get(task);
        if (record != null && underway.putIfAbsent(task, new Ask(value)) == null) {
            queue.add(record);
        }
    }

    /** Starts all Failed Tasks of a queue again that had ended by then; returns how many are left. */
    int askAll(QueueId queue, Instant failedBy) {
        List<TaskRecord> failed = collector.failed(queue, failedBy);
        failed.forEach(record -> ask(record.id, null));
        return failed.size();
    }

    /** To be called about every second. */
    void tick() {
        queue.pump();
    }

    /** The fence has opened. What another leader has done by now is not done again. */
    void opened() {
        waiting.keySet().forEach(task -> {
            String value = waiting.remove(task);
            if (value != null) {
                ask(task, value);
            }
        });
    }

    /** The Task is gone, or comes anew with what it asks for. */
    void forget(TaskId task) {
        waiting.remove(task);
    }

    private final class Redrives implements WriteQueue.Work {
        @Override
        public @Nullable TaskRecord next() {
            return null;
        }

        @Override
        public @Nullable Duration write(TaskRecord record) {
            Ask ask = underway.get(record.id);
            if (ask == null) {
                return null;
            }
            Duration pause = pause(record, ask, redrive(record, ask));
            if (pause == null) {
                underway.remove(record.id);
            }
            return pause;
        }

        private WriteResult redrive(TaskRecord record, Ask ask) {
            var write = new RedriveWrite(ask.value());
            WriteResult result = cluster.writer().tryOnce(WriteKind.REDRIVE, record, write);
            return result instanceof WriteResult.Stale
                    ? cluster.writer().tryOnce(WriteKind.REDRIVE, record, write)
                    : result;
        }

        private @Nullable Duration pause(TaskRecord record, Ask ask, WriteResult result) {
            return switch (result) {
                case WriteResult.Written _, WriteResult.Gone _ -> null;
                case WriteResult.Fenced _ -> {
                    if (ask.value() != null) {
                        waiting.put(record.id, ask.value());
                    }
                    yield null;
                }
                case WriteResult.Stale _, WriteResult.Refused _ -> Duration.ZERO;
                case WriteResult.Later(var _, Duration atLeast) -> atLeast;
            };
        }
    }

    /** Writes that the Task is open again, in the version that was just read. */
    private final class RedriveWrite implements TaskWrite {
        private final @Nullable String value;

        RedriveWrite(@Nullable String value) {
            this.value = value;
        }

        @Override
        public ApiAnswer send(TaskRecord record) throws IOException {
            return switch (cluster.api().look(record.id)) {
                case Lookup.Gone _ -> new ApiAnswer.Gone();
                case Lookup.Refused refused -> ApiAnswer.of(refused.reply());
                case Lookup.Found found -> reopen(found.task());
            };
        }

        private ApiAnswer reopen(TaskObject task) throws IOException {
            boolean isDone = value != null && value.equals(task.status().lastHandledRedrive());
            if (task.status().state() != TaskState.Failed || isDone) {
                return new ApiAnswer.Gone();
            }
            StatusPatch patch = StatusPatch.redriven(task, value, cluster.wall().instant());
            return ApiAnswer.of(cluster.api().patchStatus(task.id(), patch.body()));
        }

        /** Nothing to read: {@link #send} begins with it. */
        @Override
        public ApiAnswer readBack(TaskRecord record) {
            return new ApiAnswer.Stale();
        }
    }
}
