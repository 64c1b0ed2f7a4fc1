package dev.taskqueue.operator.batches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.batch.BatchStatusReader;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.ItemAttempts;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.engine.BatchFeed;
import dev.taskqueue.operator.engine.BatchItems;
import dev.taskqueue.operator.engine.BatchOffer;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.engine.Offer;
import dev.taskqueue.operator.testing.TestingEngine;
import dev.taskqueue.operator.testing.TestingTasks;
import java.time.Instant;
import java.util.BitSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommitBuilderTest {
    private static final Instant NOW = Instant.parse("2026-11-20T08:00:00Z");
    private static final Instant SENT = NOW.minusSeconds(60);
    private static final String CLAIM =
            "[{indexes: '0', dispatchTime: '2026-11-20T07:59:00Z', deadline: '2026-11-20T08:09:00Z', holder: 'before'}]";

    private final Engine engine = TestingEngine.silent(() -> NOW, () -> true);
    private final CommitBuilder builder = new CommitBuilder(engine.batches(), new Clocks(() -> NOW, () -> 0), "me");
    private final BatchRecord record =
            new BatchRecord(BatchReader.read(TestingBatches.json("b", "count: 1")), new BatchProgress(1), 0);

    private BatchWriter.Commit build(Map<Integer, BatchOffer.Claimed> claims) {
        BatchFeed feed = engine.batches()
                .offer(new BatchOffer(
                        record.id,
                        1,
                        record.queue,
                        NOW,
                        NOW,
                        null,
                        false,
                        BatchItems.dueAt(new BitSet(), NOW.toEpochMilli()),
                        claims));
        return builder.build(record, feed);
    }

    @Test
    void theClaimOfAnEarlierProcessStaysItsOwn() {
        record.progress = BatchStatusReader.read(TestingTasks.json("{revision: 1, claims: " + CLAIM + "}"), 1);
        BatchWriter.Commit commit = build(Map.of(
                0, new BatchOffer.Claimed(ItemAttempts.NONE, new Offer.Claim(SENT, SENT, NOW.plusSeconds(600)))));
        assertThat(commit.claimed().isEmpty()).isTrue();
        assertThat(commit.status().at("/claims/0/holder").asText()).isEqualTo("before");
    }

    @Test
    void theEndWaitsForTheLastDeadLetter() {
        AttemptHistory history = AttemptHistory.NONE.plus(NOW, NOW, NOW, Outcome.Answered.of(422));
        record.progress.note(0, null, new Entry.Finished(history, new Ending(Ending.Reason.NonRetryable, "422."), NOW));
        record.progress.awaitDeadLetter(0);
        assertThat(build(Map.of()).status().path("state").asText()).isEqualTo("Finishing");
        BitSet all = record.progress.openDeadLetters();
        record.progress.deadLettered(all);
        assertThat(build(Map.of()).status().path("state").asText()).isEqualTo("Failed");
    }
}
