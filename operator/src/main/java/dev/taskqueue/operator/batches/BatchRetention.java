package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.cache.FinishedObjects;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.RetainedPlace;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.BatchFeed;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.write.WriteQueue;
import dev.taskqueue.operator.write.WriteResult;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Deletes batches whose retention is over, and those that a purge of their queue names, a few at a time. {@link FinishedObjects} says which retention is over:
 * never that of a batch that Git, Helm or kubectl apply manages, unless the batch names a {@code ttlAfterFinished}. Deletes of batches and of Tasks share their
 * slots; a delete that the API server refuses is repeated after a growing pause, and the deletes of other namespaces go on.
 */
final class BatchRetention implements AutoCloseable {
    private final BatchCache batches;
    private final FinishedObjects<BatchRecord> finished;
    private final Engine engine;
    private final QueueProfiles queues;
    private final Fence fence;
    private final BatchWriter writer;
    private final Consumer<BatchRecord> deleted;
    private final WriteQueue<BatchRecord> deletes;
    private final Queue<BatchRecord> due = new ConcurrentLinkedQueue<>();
    /** Those that are due or being deleted, or were deleted and the watch has not shown it yet. */
    private final Set<BatchId> handled = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    /** @param deleted receives a batch that the API server has deleted; the watch may show that later */
    BatchRetention(
            BatchPorts ports,
            Engine engine,
            Fence fence,
            BatchWriter writer,
            Consumer<BatchRecord> deleted,
            Executor threads) {
        this.deleted = deleted;
        this.batches = ports.batches;
        this.finished = ports.finished;
        this.queues = ports.queues;
        this.engine = engine;
        this.fence = fence;
        this.writer = writer;
        this.deletes = new WriteQueue<>(ports.retries::nanos, ports.slots.deletes(), threads, new Deletes());
    }

    /** Starts the deletes that are due. Called about every second. */
    void tick() {
        handled.removeIf(batch -> batches.get(batch) == null);
        for (QueueId queue : engine.purgingQueues()) {
            for (BatchFeed batch : engine.batches().toBePurged(queue)) {
                BatchRecord record = batches.get(batch.id());
                if (record != null) {
                    enqueue(record);
                }
            }
        }
        finished.takeDue(queues::retention).forEach(this::enqueue);
        deletes.startWrites();
    }

    /** Deletes that have begun go on; no other one begins. */
    @Override
    public void close() {
        closed = true;
    }

    private void enqueue(BatchRecord record) {
        if (handled.add(record.id)) {
            due.add(record);
        }
    }

    /** It may be due again. */
    private void notDeleted(BatchRecord record) {
        handled.remove(record.id);
        synchronized (record) {
            if (record.place != null) {
                finished.refile(record.place);
            }
        }
    }

    private final class Deletes implements WriteQueue.Work<BatchRecord> {
        @Override
        public @Nullable BatchRecord next() {
            return closed || !fence.isOpen() ? null : due.poll();
        }

        @Override
        public @Nullable Duration write(BatchRecord record) {
            String options = options(record);
            if (options == null || !fence.isOpen(record.id.namespace())) {
                notDeleted(record);
                return null;
            }
            return switch (writer.delete(record, options)) {
                case WriteResult.Written _, WriteResult.NotNeeded _ -> {
                    deleted.accept(record);
                    yield null;
                }
                case WriteResult.Conflict _, WriteResult.Fenced _ -> {
                    notDeleted(record);
                    yield null;
                }
                case WriteResult.Refused _ -> Duration.ZERO;
                case WriteResult.RetryLater(var _, Duration atLeast) -> atLeast;
            };
        }
    }

    /** The preconditions; null if the batch is not to be deleted any more. */
    private @Nullable String options(BatchRecord record) {
        synchronized (record) {
            RetainedPlace<BatchRecord> place = record.place;
            if (place != null) {
                // A redrive that comes meanwhile has another version.
                return finished.isStillDue(place)
                        ? "{\"preconditions\":{\"uid\":\"%s\",\"resourceVersion\":\"%d\"}}"
                                .formatted(record.id.uid(), record.version)
                        : null;
            }
            // What is purged goes whatever was written to it, unless the purge was stopped.
            return record.feed != null && engine.batches().isToBePurged(record.feed)
                    ? "{\"preconditions\":{\"uid\":\"%s\"}}".formatted(record.id.uid())
                    : null;
        }
    }
}
