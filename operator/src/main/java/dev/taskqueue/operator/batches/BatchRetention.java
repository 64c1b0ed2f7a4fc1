package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.BatchFeed;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.kube.WriteAnswer;
import dev.taskqueue.operator.task.QueueProfile;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes batches whose retention is over, and those that a purge of their queue names. A batch that Git, Helm or kubectl apply manages is deleted after
 * its end only if it names a {@code ttlAfterFinished}: after a delete they would create it again.
 */
final class BatchRetention {
    private static final Logger LOG = LoggerFactory.getLogger(BatchRetention.class);
    private static final int DELETES_AT_ONCE = 4;

    private final BatchCache batches;
    private final Engine engine;
    private final QueueProfiles queues;
    private final BatchWriter writer;
    private final InstantSource wall;
    private final Executor threads;
    private final Semaphore slots = new Semaphore(DELETES_AT_ONCE);
    /** Those that are being deleted, or were deleted and the watch has not shown it yet. */
    private final Set<BatchId> handled = ConcurrentHashMap.newKeySet();

    BatchRetention(
            BatchCache batches,
            Engine engine,
            QueueProfiles queues,
            BatchWriter writer,
            InstantSource wall,
            Executor threads) {
        this.batches = batches;
        this.engine = engine;
        this.queues = queues;
        this.writer = writer;
        this.wall = wall;
        this.threads = threads;
    }

    /** Starts the deletes that are due. Called about every second. */
    void tick() {
        handled.removeIf(batch -> batches.get(batch) == null);
        for (QueueId queue : engine.purgingQueues()) {
            for (BatchFeed batch : engine.batches().toBePurged(queue)) {
                BatchRecord record = batches.get(batch.id());
                if (record != null) {
                    delete(record, true);
                }
            }
        }
        for (BatchRecord record : due()) {
            delete(record, false);
        }
    }

    private record Finished(BatchRecord record, Instant endedAt, boolean success) {}

    private List<BatchRecord> due() {
        Map<QueueId, List<Finished>> byQueue = new HashMap<>();
        for (BatchRecord record : batches.all()) {
            Finished finished = finished(record);
            if (finished != null) {
                byQueue.computeIfAbsent(record.queue, _ -> new ArrayList<>()).add(finished);
            }
        }
        var due = new ArrayList<BatchRecord>();
        Instant now = wall.instant();
        byQueue.forEach((queue, all) -> {
            QueueProfile.RetentionLimits limits = queues.retention(queue);
            due.addAll(due(all, true, limits.succeeded(), limits.maxSucceeded(), now));
            due.addAll(due(all, false, limits.failed(), limits.maxFailed(), now));
        });
        return due;
    }

    private static @Nullable Finished finished(BatchRecord record) {
        synchronized (record) {
            Instant endedAt = record.progress.completedAt();
            boolean isPinned = record.object.tracked() && record.object.ttl() == null;
            return record.phase != BatchRecord.Phase.FINISHED || endedAt == null || isPinned
                    ? null
                    : new Finished(record, endedAt, record.progress.isSuccess());
        }
    }

    private static List<BatchRecord> due(
            List<Finished> all, boolean success, Duration retention, int most, Instant now) {
        List<Finished> oldest = all.stream()
                .filter(finished -> finished.success() == success)
                .sorted(Comparator.comparing(Finished::endedAt))
                .toList();
        var due = new ArrayList<BatchRecord>();
        for (int i = 0; i < oldest.size(); i++) {
            Finished finished = oldest.get(i);
            Duration ttl = finished.record().object.ttl();
            Duration kept = ttl == null ? retention : ttl;
            boolean isTooMany = ttl == null && oldest.size() - i > most;
            if (isTooMany || !finished.endedAt().plus(kept).isAfter(now)) {
                due.add(finished.record());
            }
        }
        return due;
    }

    private void delete(BatchRecord record, boolean isPurge) {
        if (handled.contains(record.id) || !slots.tryAcquire()) {
            return;
        }
        handled.add(record.id);
        threads.execute(() -> {
            try {
                deleteNow(record, isPurge);
            } finally {
                slots.release();
            }
        });
    }

    private void deleteNow(BatchRecord record, boolean isPurge) {
        String options;
        synchronized (record) {
            boolean isDue =
                    isPurge ? record.phase == BatchRecord.Phase.OPEN : record.phase == BatchRecord.Phase.FINISHED;
            if (!isDue) {
                handled.remove(record.id);
                return;
            }
            // A redrive that comes meanwhile has another version. What is purged goes whatever was written to it.
            String version = isPurge ? "" : ",\"resourceVersion\":\"" + record.version + "\"";
            options = "{\"preconditions\":{\"uid\":\"" + record.id.uid() + "\"" + version + "}}";
        }
        switch (writer.delete(record.id, options)) {
            case WriteAnswer.Done _, WriteAnswer.NotFound _ -> {}
            case WriteAnswer.Rejected(String why) -> {
                LOG.warn("TaskBatch {} cannot be deleted: {}", record, why);
                handled.remove(record.id);
            }
            case WriteAnswer.Conflict _,
                    WriteAnswer.RetryLater _,
                    WriteAnswer.Forbidden _,
                    WriteAnswer.Lost _,
                    WriteAnswer.Fenced _ -> handled.remove(record.id);
        }
    }
}
