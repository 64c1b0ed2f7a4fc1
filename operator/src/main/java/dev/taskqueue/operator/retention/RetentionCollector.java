package dev.taskqueue.operator.retention;

import dev.taskqueue.operator.cache.FinishedTasks;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.write.TaskWriteContext;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Deletes finished Tasks once their retention is over, a few at a time. What Git, Helm or kubectl apply keeps stays, unless it names a {@code
 * ttlAfterFinished}: deleted, it would be created, and run, again.
 */
public final class RetentionCollector implements TaskDeleter.Source {
    private final TaskWriteContext context;
    private final FinishedTasks finished;
    private final QueueProfiles queues;
    private final TaskDeleter deleter;
    private final Queue<FinishedTasks.Retained> due = new ArrayDeque<>();

    public RetentionCollector(
            TaskWriteContext context, FinishedTasks finished, QueueProfiles queues, Executor threads) {
        this.context = context;
        this.finished = finished;
        this.queues = queues;
        this.deleter = new TaskDeleter(context, this, threads);
    }

    /** Whether a Task that ends so is deleted at once: its end need not be written then. */
    public boolean deletesAtOnce(TaskRecord record, boolean success) {
        QueueProfile.RetentionLimits keep = queues.retention(record.queue);
        var ttl = record.ttl();
        if (ttl != null) {
            return ttl.isZero();
        }
        return !record.isTracked() && (success ? keep.succeeded() : keep.failed()).isZero();
    }

    /** To be called about every second: deletes what is due. */
    public void tick() {
        if (!context.fence().isOpen()) {
            return;
        }
        synchronized (due) {
            due.addAll(finished.takeDue(queues::retention, context.wall().instant()));
        }
        deleter.tick();
    }

    @Override
    public @Nullable TaskRecord next() {
        while (true) {
            FinishedTasks.Retained next;
            synchronized (due) {
                next = due.poll();
            }
            if (next == null || isStillDue(next.record)) {
                return next == null ? null : next.record;
            }
        }
    }

    /** A Task that was started again, or marked as somebody's, since it was due stays. */
    @Override
    public boolean isStillDue(TaskRecord record) {
        FinishedTasks.Retained place = record.retained();
        if (place == null) {
            return false;
        }
        boolean isDue = finished.isStillDue(place);
        if (!isDue) {
            finished.replace(place);
        }
        return isDue;
    }

    @Override
    public void notDeleted(TaskRecord record) {
        FinishedTasks.Retained place = record.retained();
        if (place != null) {
            finished.replace(place);
        }
    }
}
