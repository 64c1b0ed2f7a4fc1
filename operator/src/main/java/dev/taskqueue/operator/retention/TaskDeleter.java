package dev.taskqueue.operator.retention;

import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.kube.WriteAnswer;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.TaskWriter;
import dev.taskqueue.operator.write.WriteKind;
import dev.taskqueue.operator.write.WriteQueue;
import dev.taskqueue.operator.write.WriteResult;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Deletes Tasks, a few at a time, and each only as the very object in the very version that is known. One that the API server refuses to
 * delete comes again after a pause that grows, and holds up none of another namespace.
 */
final class TaskDeleter {
    private final TaskWriteContext context;
    private final Source source;
    private final TaskWriter writer;
    private final WriteQueue queue;
    /** The versions that were in conflict. */
    private final Map<TaskId, Long> conflicts = new ConcurrentHashMap<>();

    /** What is to be deleted. Asked and told on the deleting threads. */
    interface Source {
        /** The next one; null where there is none for now. */
        @Nullable TaskRecord next();

        /** Whether it is to be deleted still. Asked once its version is taken: what it becomes later has another one. */
        boolean isStillDue(TaskRecord record);

        /** It is still there: changed meanwhile, so that it is to be looked at again. */
        void notDeleted(TaskRecord record);
    }

    TaskDeleter(TaskWriteContext context, Source source, Executor threads) {
        this.context = context;
        this.source = source;
        this.writer = new TaskWriter(context);
        this.queue = new WriteQueue(context, context.slots().deletes(), threads, new Deletes());
    }

    /** To be called about every second. */
    void tick() {
        conflicts.keySet().removeIf(task -> context.tasks().get(task) == null);
        queue.startWrites();
    }

    private final class Deletes implements WriteQueue.Work {
        @Override
        public @Nullable TaskRecord next() {
            return context.fence().isOpen() ? source.next() : null;
        }

        @Override
        public @Nullable Duration write(TaskRecord record) {
            long version = record.resourceVersion();
            boolean again = Objects.equals(conflicts.get(record.id), version);
            var delete = new DeleteWrite(context, of -> version, again ? TaskDeleter::afterEdit : null);
            if (!source.isStillDue(record)) {
                return null;
            }
            return switch (writer.tryOnce(WriteKind.DELETE, record, delete)) {
                case WriteResult.Written _, WriteResult.NotNeeded _ -> null;
                case WriteResult.Conflict _ -> {
                    // The watch brings the version that will do.
                    conflicts.put(record.id, version);
                    source.notDeleted(record);
                    yield null;
                }
                case WriteResult.Fenced _ -> {
                    source.notDeleted(record);
                    yield null;
                }
                case WriteResult.Refused _ -> Duration.ZERO;
                case WriteResult.RetryLater(var _, Duration atLeast) -> atLeast;
            };
        }
    }

    /** The same version is in conflict again, as after a restore of etcd: what was read counts, and shows whether the Task is due still. */
    private static WriteAnswer afterEdit(TaskRecord record, TaskObject now) {
        return new WriteAnswer.Conflict();
    }
}
