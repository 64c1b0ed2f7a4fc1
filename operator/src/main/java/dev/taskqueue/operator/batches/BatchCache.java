package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.domain.BatchId;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The one map of TaskBatches. It has one record for each object that exists. Thread-safe. */
final class BatchCache {
    private final Map<BatchId, BatchRecord> records = new ConcurrentHashMap<>();

    @Nullable BatchRecord get(BatchId batch) {
        return records.get(batch);
    }

    void put(BatchRecord record) {
        records.put(record.id, record);
    }

    @Nullable BatchRecord remove(BatchId batch) {
        return records.remove(batch);
    }

    Collection<BatchRecord> all() {
        return records.values();
    }
}
