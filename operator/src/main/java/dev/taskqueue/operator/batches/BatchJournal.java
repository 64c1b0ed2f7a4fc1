package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.batch.BatchStop;
import dev.taskqueue.operator.batch.ItemList;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.engine.BatchDeliveries;
import dev.taskqueue.operator.engine.BatchFeed;
import dev.taskqueue.operator.engine.ItemJournal;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.task.QueueProfile;
import java.util.BitSet;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Notes the outcomes of items in the records of their batches. {@link BatchCommitter} writes them. */
final class BatchJournal implements ItemJournal {
    private final BatchCache batches;
    private final ItemListCache lists;
    private final QueueProfiles queues;
    private final CommitQueue commits;
    private final Supplier<BatchDeliveries> engine;
    private final LongSupplier nanos;

    /** @param engine is built later than this */
    BatchJournal(
            BatchCache batches,
            ItemListCache lists,
            QueueProfiles queues,
            CommitQueue commits,
            Supplier<BatchDeliveries> engine,
            LongSupplier nanos) {
        this.batches = batches;
        this.lists = lists;
        this.queues = queues;
        this.commits = commits;
        this.engine = engine;
        this.nanos = nanos;
    }

    @Override
    public void note(BatchFeed batch, DeliveryId item, Journal.Entry entry) {
        BatchRecord record = batches.get(batch.id());
        if (record == null) {
            return;
        }
        synchronized (record) {
            if (record.feed != batch) {
                return;
            }
            note(record, item.item().index(), entry);
        }
        commits.changed(record);
    }

    private void note(BatchRecord record, int index, Journal.Entry entry) {
        if (record.unwritten.isEmpty()) {
            record.firstUnwrittenAt = nanos.getAsLong();
        }
        record.unwritten.put(index, entry);
        take(record, index, entry);
    }

    /** Takes an outcome into the progress, and stops the batch if too many of its items have failed. */
    void take(BatchRecord record, int index, Journal.Entry entry) {
        boolean failed =
                entry instanceof Journal.Entry.Finished end && !end.ending().isSuccess();
        if (!record.progress.note(index, failed ? key(record, index) : null, entry)) {
            // Another leader may have made its dead letter.
            return;
        }
        if (failed && needsDeadLetter(record, ((Journal.Entry.Finished) entry).ending())) {
            record.progress.awaitDeadLetter(index);
        }
        Integer maxFailed = record.object.spec().maxFailed();
        if (failed && maxFailed != null && record.progress.failedCount() > maxFailed) {
            stop(record, BatchStop.tooManyFailed(maxFailed));
        }
    }

    /** Nothing further of the batch leaves. The caller holds the record's monitor. */
    void stop(BatchRecord record, BatchStop why) {
        if (record.progress.stop() == null && record.feed != null) {
            record.progress.stop(why);
            skipRest(record, record.feed);
        }
    }

    /** The batch is stopped, by this process or one before: what waits is skipped. The caller holds the record's monitor. */
    void skipRest(BatchRecord record, BatchFeed feed) {
        BitSet rest = engine.get().close(feed);
        // What is to be sent again, but whose failure is not written yet, is in no lane.
        record.unwritten.keySet().stream().filter(record.progress::isOpen).forEach(rest::set);
        record.progress.skip(rest);
        record.hasNews = true;
    }

    private @Nullable String key(BatchRecord record, int index) {
        ItemList items = lists.get(record.id);
        return items == null ? null : items.key(index);
    }

    private boolean needsDeadLetter(BatchRecord record, Ending ending) {
        QueueProfile profile = queues.get(record.queue);
        boolean counts = switch (ending.reason()) {
            case RetriesExhausted, NonRetryable, Expired -> true;
            case Delivered, InvalidSpec, AlreadyCompleted -> false;
        };
        return counts
                && record.mayHaveDeadLetters
                && profile != null
                && profile.deadLetterQueue() != null
                && !record.queue.name().equals(profile.deadLetterQueue());
    }
}
