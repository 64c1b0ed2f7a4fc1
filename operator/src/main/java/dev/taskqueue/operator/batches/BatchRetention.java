package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.cache.FinishedObjects;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.RetainedPlace;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.BatchFeed;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.kube.WriteAnswer;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes batches whose retention is over, and those that a purge of their queue names, a few at a time. {@link FinishedObjects} says which retention is over:
 * never that of a batch that Git, Helm or kubectl apply manages, unless the batch names a {@code ttlAfterFinished}.
 */
final class BatchRetention {
    private static final Logger LOG = LoggerFactory.getLogger(BatchRetention.class);
    private static final int DELETES_AT_ONCE = 4;

    private final BatchCache batches;
    private final FinishedObjects<BatchRecord> finished;
    private final Engine engine;
    private final QueueProfiles queues;
    private final BatchWriter writer;
    private final Executor threads;
    private final Semaphore slots = new Semaphore(DELETES_AT_ONCE);
    private final Queue<Delete> due = new ConcurrentLinkedQueue<>();
    /** Those that are due or being deleted, or were deleted and the watch has not shown it yet. */
    private final Set<BatchId> handled = ConcurrentHashMap.newKeySet();

    private record Delete(BatchRecord record, boolean isPurge) {}

    BatchRetention(
            BatchCache batches,
            FinishedObjects<BatchRecord> finished,
            Engine engine,
            QueueProfiles queues,
            BatchWriter writer,
            Executor threads) {
        this.batches = batches;
        this.finished = finished;
        this.engine = engine;
        this.queues = queues;
        this.writer = writer;
        this.threads = threads;
    }

    /** Starts the deletes that are due. Called about every second. */
    void tick() {
        handled.removeIf(batch -> batches.get(batch) == null);
        for (QueueId queue : engine.purgingQueues()) {
            for (BatchFeed batch : engine.batches().toBePurged(queue)) {
                BatchRecord record = batches.get(batch.id());
                if (record != null) {
                    enqueue(new Delete(record, true));
                }
            }
        }
        for (BatchRecord record : finished.takeDue(queues::retention)) {
            enqueue(new Delete(record, false));
        }
        startDeletes();
    }

    private void enqueue(Delete delete) {
        if (handled.add(delete.record().id)) {
            due.add(delete);
        }
    }

    private void startDeletes() {
        while (!due.isEmpty() && slots.tryAcquire()) {
            threads.execute(this::deleteNext);
        }
    }

    private void deleteNext() {
        try {
            Delete next = due.poll();
            if (next != null && !delete(next)) {
                notDeleted(next.record());
            }
        } finally {
            slots.release();
        }
        startDeletes();
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

    private boolean delete(Delete delete) {
        BatchRecord record = delete.record();
        String options = options(record, delete.isPurge());
        if (options == null) {
            return false;
        }
        return switch (writer.delete(record.id, options)) {
            case WriteAnswer.Done _, WriteAnswer.NotFound _ -> true;
            case WriteAnswer.Rejected(String why) -> {
                LOG.warn("TaskBatch {} cannot be deleted: {}", record, why);
                yield false;
            }
            case WriteAnswer.Conflict _,
                    WriteAnswer.RetryLater _,
                    WriteAnswer.Forbidden _,
                    WriteAnswer.Lost _,
                    WriteAnswer.Fenced _ -> false;
        };
    }

    /** The preconditions; null if the batch is not to be deleted any more. */
    private @Nullable String options(BatchRecord record, boolean isPurge) {
        synchronized (record) {
            RetainedPlace<BatchRecord> place = record.place;
            boolean isDue =
                    isPurge ? record.phase == BatchRecord.Phase.OPEN : place != null && finished.isStillDue(place);
            // A redrive that comes meanwhile has another version. What is purged goes whatever was written to it.
            String version = isPurge ? "" : ",\"resourceVersion\":\"" + record.version + "\"";
            return isDue ? "{\"preconditions\":{\"uid\":\"" + record.id.uid() + "\"" + version + "}}" : null;
        }
    }
}
