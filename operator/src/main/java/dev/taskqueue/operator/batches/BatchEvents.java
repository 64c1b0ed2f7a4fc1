package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.batch.BatchEnd;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.Occurrence;
import dev.taskqueue.operator.domain.Occurrences;

/** Reports batches that have failed. */
final class BatchEvents {
    private BatchEvents() {}

    /** The end of a batch is written. */
    static void ended(BatchRecord record, Occurrences occurrences) {
        BatchEnd end;
        synchronized (record) {
            if (record.progress.isSuccess()) {
                return;
            }
            end = BatchEnd.of(record.progress);
        }
        BatchId batch = record.id;
        occurrences.report(new Occurrence(
                new Occurrence.Subject(Occurrence.Kind.TaskBatch, batch.namespace(), batch.name(), batch.uid()),
                record.queue,
                true,
                end.reason(),
                "Deliver",
                end.message()));
    }
}
