package dev.taskqueue.operator.retention;

import dev.taskqueue.operator.cache.FinishedObjects;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.RetainedPlace;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.write.TaskWriteContext;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Deletes finished Tasks when their retention is over, a few at a time. It does not delete a Task that Git, Helm or kubectl apply manages, unless
 * the Task names a {@code ttlAfterFinished}: after a delete they would create it again, and it would run again.
 */
public final class RetentionCollector implements TaskDeleter.Source, AutoCloseable {
    private final TaskWriteContext context;
    private final FinishedObjects<TaskRecord> finished;
    private final QueueProfiles queues;
    private final TaskDeleter deleter;
    private final Queue<TaskRecord> due = new ArrayDeque<>();
    private volatile boolean closed;

    public RetentionCollector(
            TaskWriteContext context, FinishedObjects<TaskRecord> finished, QueueProfiles queues, Executor threads) {
        this.context = context;
        this.finished = finished;
        this.queues = queues;
        this.deleter = new TaskDeleter(context, this, threads);
    }

    /** Whether a Task that ends now is deleted at once. Then its end need not be written. */
    public boolean deletesAtOnce(TaskRecord record, boolean success) {
        QueueProfile.RetentionLimits limits = queues.retention(record.queue);
        var ttl = record.ttl();
        if (ttl != null) {
            return ttl.isZero();
        }
        return !record.isTracked() && (success ? limits.succeeded() : limits.failed()).isZero();
    }

    /** Starts the deletes that are due. Called about every second. */
    public void tick() {
        if (!context.fence().isOpen()) {
            return;
        }
        synchronized (due) {
            due.addAll(finished.takeDue(queues::retention));
        }
        deleter.tick();
    }

    /** Deletes that have begun go on; no other one begins. */
    @Override
    public void close() {
        closed = true;
    }

    @Override
    public @Nullable TaskRecord next() {
        while (!closed) {
            TaskRecord next;
            synchronized (due) {
                next = due.poll();
            }
            if (next == null || isStillDue(next)) {
                return next;
            }
        }
        return null;
    }

    /** No if the Task was started again since it was due, or waits for that, or if Git, Helm or kubectl apply manages it by now. */
    @Override
    public boolean isStillDue(TaskRecord record) {
        RetainedPlace<TaskRecord> place = record.retained();
        if (place == null) {
            return false;
        }
        boolean isDue = record.state().redrive() == null && finished.isStillDue(place);
        if (!isDue) {
            finished.refile(place);
        }
        return isDue;
    }

    /** It has ended, so nothing of it leaves. */
    @Override
    public void deleted(TaskRecord record) {}

    @Override
    public void notDeleted(TaskRecord record) {
        RetainedPlace<TaskRecord> place = record.retained();
        if (place != null) {
            finished.refile(place);
        }
    }
}
