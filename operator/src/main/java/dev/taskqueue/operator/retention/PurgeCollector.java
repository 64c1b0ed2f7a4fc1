package dev.taskqueue.operator.retention;

import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Delivery;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.write.TaskWriteContext;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the Tasks that the engine has taken out of the queue for a purge; the queues take turns. Only the engine knows which Tasks those are: this
 * class goes through a copy of its list. What the API server has deleted leaves the engine at once, since the watch may be late. The monitor guards
 * everything; no request is made under it.
 */
public final class PurgeCollector implements TaskDeleter.Source {
    private final TaskWriteContext context;
    private final Engine engine;
    private final TaskDeleter deleter;

    private final Map<QueueId, PurgedQueue> queues = new HashMap<>();
    private final Deque<PurgedQueue> turns = new ArrayDeque<>();

    /** The Tasks of one queue, as the engine last listed them. */
    private static final class PurgedQueue {
        final Queue<TaskId> waiting = new ArrayDeque<>();
        /** Tasks that are being deleted, or were deleted and the watch has not shown it yet. */
        final Set<TaskId> handled = new HashSet<>();

        void fill(List<TaskId> all) {
            handled.retainAll(Set.copyOf(all));
            all.stream().filter(task -> !handled.contains(task)).forEach(waiting::add);
        }
    }

    public PurgeCollector(TaskWriteContext context, Engine engine, Executor threads) {
        this.context = context;
        this.engine = engine;
        this.deleter = new TaskDeleter(context, this, threads);
    }

    /** Starts the deletes of the purges. Called about every second. */
    public void tick() {
        if (!context.fence().isOpen()) {
            return;
        }
        Set<QueueId> purging = engine.purgingQueues();
        synchronized (this) {
            queues.keySet().retainAll(purging);
            turns.retainAll(queues.values());
            for (QueueId queue : purging) {
                PurgedQueue purged = queues.computeIfAbsent(queue, this::addQueue);
                if (purged.waiting.isEmpty()) {
                    purged.fill(engine.toBePurged(queue).stream()
                            .map(delivery -> delivery.id().task())
                            .toList());
                }
            }
        }
        deleter.tick();
    }

    private PurgedQueue addQueue(QueueId queue) {
        var purged = new PurgedQueue();
        turns.add(purged);
        return purged;
    }

    @Override
    public synchronized @Nullable TaskRecord next() {
        for (int empty = 0; empty < turns.size(); ) {
            PurgedQueue purged = turns.removeFirst();
            turns.addLast(purged);
            TaskId task = purged.waiting.poll();
            if (task == null) {
                empty++;
            } else {
                TaskRecord record = context.tasks().get(task);
                if (record != null) {
                    purged.handled.add(task);
                    return record;
                }
            }
        }
        return null;
    }

    @Override
    public boolean isStillDue(TaskRecord record) {
        // The Task may be ending, which the engine learns only after the write; or the purge was stopped.
        Delivery delivery = record.delivery();
        boolean isDue = !record.isEnding() && delivery != null && engine.isToBePurged(delivery);
        if (!isDue) {
            notDeleted(record);
        }
        return isDue;
    }

    @Override
    public void deleted(TaskRecord record) {
        record.apply(new TaskMessage.Purged(record.round()));
    }

    @Override
    public synchronized void notDeleted(TaskRecord record) {
        PurgedQueue purged = queues.get(record.queue);
        if (purged != null) {
            purged.handled.remove(record.id);
        }
    }
}
