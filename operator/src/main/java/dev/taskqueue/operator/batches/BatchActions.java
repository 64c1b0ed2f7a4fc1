package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.batch.BatchStop;
import dev.taskqueue.operator.batch.IndexRanges;
import dev.taskqueue.operator.batch.ItemRetry;
import dev.taskqueue.operator.domain.ItemAttempts;
import dev.taskqueue.operator.engine.BatchDeliveries;
import dev.taskqueue.operator.engine.BatchFeed;
import dev.taskqueue.operator.engine.BatchItems;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.task.RedriveRequest;
import java.util.BitSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Does what people ask for on a batch whose items are in the engine. The caller holds the record's monitor. */
final class BatchActions {
    /** So many single items at most leave because a person asks for it. */
    private static final int MOST_RUN_NOW = 100;

    private final BatchDeliveries engine;
    private final BatchJournal journal;
    private final Clocks clocks;

    BatchActions(BatchDeliveries engine, BatchJournal journal, Clocks clocks) {
        this.engine = engine;
        this.journal = journal;
        this.clocks = clocks;
    }

    /** Whether the items of the batch stay where they are. */
    static boolean isHeld(BatchRecord record) {
        return record.object.actions().hold() != null || record.limit != null;
    }

    /**
     * Holds the batch or lets it go on, cancels it, and sends items at once, as its annotations say.
     *
     * @param runNow the whole value of the annotation; the object has only the hash of a long one
     */
    void act(BatchRecord record, BatchFeed feed, @Nullable String runNow) {
        if (isHeld(record) != record.isHeld) {
            record.isHeld = isHeld(record);
            record.isStale = true;
            engine.hold(feed, record.isHeld);
        }
        String cancel = record.object.actions().cancel();
        if (cancel != null) {
            journal.stop(record, BatchStop.cancelled(cancel));
        }
        runNow(record, feed, runNow);
    }

    private void runNow(BatchRecord record, BatchFeed feed, @Nullable String raw) {
        String value = record.object.actions().runNow();
        if (value == null
                || raw == null
                || value.equals(record.progress.handled().runNow())) {
            return;
        }
        record.hasNews = true;
        String indexes = raw.strip().split("\\s", 2)[0];
        Optional<BitSet> some = IndexRanges.parse(indexes, record.progress.total())
                .filter(set -> !set.isEmpty() && set.cardinality() <= MOST_RUN_NOW);
        if (some.isPresent()) {
            record.progress.expedite(value, some.get());
            engine.runNow(feed, some.get());
        } else {
            record.progress.makeDue(value, clocks.instant());
            engine.makeDue(feed);
        }
    }

    /** Starts failed and skipped items again while others are still on their way. */
    void restart(BatchRecord record, BatchFeed feed, RedriveRequest request) {
        BatchProgress progress = record.progress;
        BitSet again = progress.redrive(request, clocks.instant());
        record.hasNews = true;
        record.isRedriveUnwritten = true;
        record.deadLettersDue.clear();
        record.deadLettersUnanswered = null;
        again.stream().forEach(index -> {
            ItemRetry retry = progress.retries().get(index);
            engine.add(
                    feed,
                    retry == null
                            // It was never sent.
                            ? new BatchItems.Item(index, record.dueTimes.of(index), ItemAttempts.NONE)
                            : new BatchItems.Item(index, retry.nextAt(), retry.attempts()));
        });
    }
}
