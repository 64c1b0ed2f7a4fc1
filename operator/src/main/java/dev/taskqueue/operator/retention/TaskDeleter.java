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
 * Deletes Tasks, a few at a time, and each only as the same object in the known version. If the API server refuses a delete, it is repeated after a
 * growing pause, and the deletes of other namespaces go on.
 */
final class TaskDeleter {
    private final TaskWriteContext context;
    private final Source source;
    private final TaskWriter writer;
    private final WriteQueue<TaskRecord> queue;
    /** The versions that were in conflict. */
    private final Map<TaskId, Long> conflicts = new ConcurrentHashMap<>();

    /** The Tasks to delete. Called on the threads that delete. */
    interface Source {
        /** The next Task to delete; null if there is none now. */
        @Nullable TaskRecord next();

        /** Whether the Task is still to be deleted. Called after its version was read, so a later change leads to a conflict. */
        boolean isStillDue(TaskRecord record);

        /** The Task was not deleted, because it changed meanwhile. It must be checked again. */
        void notDeleted(TaskRecord record);

        /** The API server has deleted the Task, or it was gone. The watch may show that later. */
        void deleted(TaskRecord record);
    }

    TaskDeleter(TaskWriteContext context, Source source, Executor threads) {
        this.context = context;
        this.source = source;
        this.writer = new TaskWriter(context);
        this.queue = new WriteQueue<>(context.retries()::nanos, context.slots().deletes(), threads, new Deletes());
    }

    /** Starts the deletes that may start now. Called about every second. */
    void tick() {
        conflicts.keySet().removeIf(task -> context.tasks().get(task) == null);
        queue.startWrites();
    }

    private final class Deletes implements WriteQueue.Work<TaskRecord> {
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
                case WriteResult.Written _, WriteResult.NotNeeded _ -> {
                    source.deleted(record);
                    yield null;
                }
                case WriteResult.Conflict _ -> {
                    // The watch brings the version with which the delete will succeed.
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

    /** Called if the same version is in conflict again, for example after a restore of etcd. The object that was read is applied to the record,
     * which shows whether the Task is still to be deleted. */
    private static WriteAnswer afterEdit(TaskRecord record, TaskObject now) {
        return new WriteAnswer.Conflict();
    }
}
