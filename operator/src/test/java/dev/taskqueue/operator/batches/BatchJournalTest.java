package dev.taskqueue.operator.batches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.batch.BatchStop;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.engine.BatchItems;
import dev.taskqueue.operator.engine.BatchOffer;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.task.RedriveRequest;
import dev.taskqueue.operator.testing.TestingEngine;
import java.time.Instant;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class BatchJournalTest {
    private static final Instant NOW = Instant.parse("2026-11-20T08:00:00Z");

    private final Engine engine = TestingEngine.silent(() -> NOW, () -> true);
    private final BatchCache batches = new BatchCache();
    private final BatchJournal journal = new BatchJournal(
            batches,
            new ItemListCache(1_000_000),
            new QueueProfiles(),
            new CommitQueue(pause -> {}),
            engine::batches,
            () -> 0);
    private final BatchRecord record = record();

    /** A batch of three items, of which the first one has been sent. */
    private BatchRecord record() {
        var json = TestingBatches.json("invoices", "count: 3");
        var made = new BatchRecord(BatchReader.read(json), new BatchProgress(3), 0);
        var waiting = new BitSet();
        waiting.set(1, 3);
        made.phase = BatchRecord.Phase.OPEN;
        made.feed = engine.batches()
                .offer(new BatchOffer(
                        made.id,
                        1,
                        made.queue,
                        NOW,
                        NOW,
                        null,
                        false,
                        BatchItems.dueAt(waiting, NOW.toEpochMilli()),
                        Map.of()));
        batches.put(made);
        return made;
    }

    private void failed(int index) {
        var outcome = new Outcome.Unanswered(AttemptReason.ConnectFailed, "refused");
        AttemptHistory history = AttemptHistory.NONE.plus(NOW, NOW, NOW, outcome);
        note(index, new Journal.Entry.BackingOff(history, NOW.plusSeconds(10)));
    }

    private void note(int index, Journal.Entry entry) {
        journal.note(Objects.requireNonNull(record.feed), new DeliveryId(new ItemId(record.id, index), 1), entry);
    }

    @Test
    void aBatchThatIsStoppedSkipsWhatWaitsForTheWriteOfItsFailure() {
        failed(0);
        journal.stop(record, BatchStop.cancelled("enough"));
        assertThat(record.progress.skipped().cardinality()).isEqualTo(3);
        assertThat(record.progress.isDone()).isTrue();
    }

    @Test
    void aBatchThatIsStoppedSkipsWhatIsSentAgainOnceItsFailureIsWritten() {
        note(0, new Journal.Entry.Finished(AttemptHistory.NONE, new Ending(Ending.Reason.NonRetryable, "404"), NOW));
        assertThat(record.progress.redrive(RedriveRequest.byTask("again"), NOW).cardinality())
                .isEqualTo(1);
        journal.stop(record, BatchStop.cancelled("enough"));
        assertThat(record.progress.skipped().cardinality()).isEqualTo(3);
        assertThat(record.progress.isDone()).isTrue();
    }

    @Test
    void whatFailsAfterTheBatchWasStoppedIsSkipped() {
        journal.stop(record, BatchStop.cancelled("enough"));
        assertThat(record.progress.isDone()).isFalse();
        failed(0);
        assertThat(record.progress.isDone()).isTrue();
    }
}
