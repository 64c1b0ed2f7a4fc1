package dev.taskqueue.operator.batches;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.cache.ListedObject;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.intake.NamespaceTerms;
import dev.taskqueue.operator.kube.ObjectReflector;
import dev.taskqueue.operator.task.TaskReader;

/** Takes in what the watch of TaskBatches reports. */
final class BatchIntake implements ObjectReflector.Sink {
    private final BatchCache batches;
    private final BatchLifecycle lifecycle;
    private final NamespaceTerms terms;
    private final Listener listener;

    /** @param listener hears of items that were created in the term of this process */
    BatchIntake(BatchCache batches, BatchLifecycle lifecycle, NamespaceTerms terms, Listener listener) {
        this.batches = batches;
        this.lifecycle = lifecycle;
        this.terms = terms;
        this.listener = listener;
    }

    @Override
    public void seen(JsonNode batch, int listing) {
        BatchId id = BatchReader.id(batch);
        boolean isNew = batches.get(id) == null;
        lifecycle.seen(batch, listing);
        BatchRecord record = batches.get(id);
        if (isNew && record != null && terms.isOfThisTerm(id.namespace(), TaskReader.resourceVersion(batch))) {
            listener.created(record.queue, total(record));
        }
    }

    private static int total(BatchRecord record) {
        synchronized (record) {
            return record.progress.total();
        }
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
