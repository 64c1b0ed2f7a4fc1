package dev.taskqueue.operator.batches;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.cache.ListedObject;
import dev.taskqueue.operator.kube.ObjectReflector;

/** Takes in what the watch of TaskBatches reports. */
final class BatchIntake implements ObjectReflector.Sink {
    private final BatchCache batches;
    private final BatchLifecycle lifecycle;

    BatchIntake(BatchCache batches, BatchLifecycle lifecycle) {
        this.batches = batches;
        this.lifecycle = lifecycle;
    }

    @Override
    public void seen(JsonNode batch, int listing) {
        lifecycle.seen(batch, listing);
    }

    @Override
    public void deleted(JsonNode batch) {
        BatchRecord record = batches.get(BatchReader.id(batch));
        if (record != null) {
            lifecycle.deleted(record);
        }
    }

    @Override
    public void listed(String namespace, int listing) {
        ListedObject.missing(batches.all(), namespace, listing).forEach(lifecycle::deleted);
    }
}
