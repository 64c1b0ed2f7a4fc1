package dev.taskqueue.operator.batches;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.batch.BatchStatusReader;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.ItemAttempts;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.BatchFeed;
import dev.taskqueue.operator.engine.BatchItems;
import dev.taskqueue.operator.engine.BatchOffer;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.engine.Offer;
import dev.taskqueue.operator.engine.Turn;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.testing.TestingEngine;
import dev.taskqueue.operator.testing.TestingTasks;
import java.time.Instant;
import java.util.BitSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CommitBuilderTest {
    private static final Instant NOW = Instant.parse("2026-11-20T08:00:00Z");
    private static final Instant SENT = NOW.minusSeconds(60);
    private static final String CLAIM =
            "[{indexes: '0', dispatchTime: '2026-11-20T07:59:00Z', deadline: '2026-11-20T08:09:00Z', holder: 'before'}]";

    private static final Turn.Paused PAUSED = new Turn.Paused(Turn.By.SPEC, "paused by spec.state");

    private final Engine engine = TestingEngine.silent(() -> NOW, () -> true);
    private final QueueProfiles queues = new QueueProfiles();
    private final CommitBuilder builder =
            new CommitBuilder(engine.batches(), queues, new Clocks(() -> NOW, () -> 0), "me");

    private final BatchRecord record =
            new BatchRecord(BatchReader.read(TestingBatches.json("b", "count: 1")), new BatchProgress(1), 0);

    private BatchWriter.Commit build(Map<Integer, BatchOffer.Claimed> claims) {
        return builder.build(record, offered(new BitSet(), claims));
    }

    private BatchFeed offered(BitSet fresh, Map<Integer, BatchOffer.Claimed> claims) {
        return engine.batches()
                .offer(new BatchOffer(
                        record.id,
                        1,
                        record.queue,
                        NOW,
                        NOW,
                        null,
                        false,
                        BatchItems.dueAt(fresh, NOW.toEpochMilli()),
                        claims));
    }

    private BatchFeed waiting() {
        return offered(BitSet.valueOf(new long[] {1}), Map.of());
    }

    private static QueueProfile profile(Turn.@Nullable Paused pause) {
        return QueueProfile.read(TestingTasks.read("{}", TaskQueueSpec.class), pause != null)
                .withPause(pause);
    }

    /** The queue as its reconciler has read it. */
    private void queue(Turn.Paused pause) {
        queues.put(record.queue, profile(pause));
        engine.applySettings(record.queue, profile(pause).settings(), false);
    }

    private String told(BatchFeed feed) {
        JsonNode status = builder.build(record, feed).status();
        return status.path("conditions")
                .valueStream()
                .filter(condition -> condition.path("type").asText().equals("Succeeded"))
                .map(condition -> condition.path("reason").asText())
                .findFirst()
                .orElseThrow();
    }

    private boolean isPauseNews(BatchFeed feed) {
        return builder.isPauseNews(record, engine.batches().snapshot(feed));
    }

    @Test
    void theFirstStatusInAPausedQueueSaysSoAndTheEndOfThePauseIsToldOnce() {
        queue(PAUSED);
        BatchFeed feed = waiting();
        assertThat(told(feed)).isEqualTo("QueuePaused");
        assertThat(isPauseNews(feed)).isFalse();
        queues.put(record.queue, profile(null));
        assertThat(isPauseNews(feed)).isTrue();
        assertThat(told(feed)).isEqualTo("Pending");
        assertThat(isPauseNews(feed)).isFalse();
    }

    @Test
    void aPauseIsNoReasonToWriteToABatchThatWaitsForItsTurnAlready() {
        queue(PAUSED);
        BatchFeed feed = waiting();
        queues.put(record.queue, profile(null));
        assertThat(told(feed)).isEqualTo("Pending");
        queues.put(record.queue, profile(PAUSED));
        assertThat(isPauseNews(feed)).isFalse();
    }

    @Test
    void aPauseThatStopsABatchInTheMiddleIsTold() {
        record.progress =
                BatchStatusReader.read(TestingTasks.json("{revision: 1, startTime: '2026-11-20T07:59:00Z'}"), 1);
        queue(PAUSED);
        BatchFeed feed = waiting();
        assertThat(isPauseNews(feed)).isTrue();
        assertThat(told(feed)).isEqualTo("QueuePaused");
        queues.put(record.queue, profile(new Turn.Paused(Turn.By.HOLD, "held: incident 1204")));
        assertThat(isPauseNews(feed)).isTrue();
        assertThat(told(feed)).isEqualTo("QueueHeld");
    }

    @Test
    void anOutcomeThatWillBeWrittenTellsThePauseAlong() {
        record.progress =
                BatchStatusReader.read(TestingTasks.json("{revision: 1, startTime: '2026-11-20T07:59:00Z'}"), 1);
        queue(PAUSED);
        BatchFeed feed = waiting();
        record.unwritten.put(
                0, new Entry.Finished(AttemptHistory.NONE, new Ending(Ending.Reason.Delivered, "200."), NOW));
        assertThat(isPauseNews(feed)).isFalse();
    }

    @Test
    void aQueueThatDoesNotExistIsToldWithTheNameThatWasMeant() {
        queues.put(new QueueId("shop", "order"), profile(null));
        JsonNode status = builder.build(record, waiting()).status();
        assertThat(status.path("conditions").toString()).contains("QueueNotFound", "Did you mean order?");
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
