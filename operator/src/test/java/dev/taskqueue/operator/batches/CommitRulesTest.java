package dev.taskqueue.operator.batches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.engine.Journal;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** When the status of a batch is written. The record was made at nanosecond 0. */
class CommitRulesTest {
    private static final Instant WALL = Instant.parse("2026-11-20T08:00:00Z");

    private BatchRecord record = record();

    private static BatchRecord record() {
        return record("count: 1000", 1000);
    }

    private static BatchRecord record(String spec, int total) {
        var json = TestingBatches.json("invoices", spec);
        var made = new BatchRecord(BatchReader.read(json), new BatchProgress(total), 0);
        made.phase = BatchRecord.Phase.OPEN;
        return made;
    }

    private void succeed(int from, int to) {
        for (int i = from; i < to; i++) {
            AttemptHistory history = AttemptHistory.NONE.plus(WALL, WALL, WALL, Outcome.Answered.of(200));
            var end = new Journal.Entry.Finished(history, new Ending(Ending.Reason.Delivered, "200."), WALL);
            record.unwritten.put(i, end);
            record.progress.note(i, null, end);
        }
    }

    private void backOff(int index, Instant nextAt) {
        AttemptHistory history = AttemptHistory.NONE.plus(WALL, WALL, WALL, Outcome.Answered.of(503));
        record.unwritten.put(index, new Journal.Entry.BackingOff(history, nextAt));
    }

    /** When the next write begins, in milliseconds after the record was made; the present is the same. */
    private long dueAt(long nowMillis) {
        long due = CommitRules.dueAt(record, Duration.ofMillis(nowMillis).toNanos(), WALL.plusMillis(nowMillis));
        return due == CommitRules.NEVER ? -1 : Duration.ofNanos(due).toMillis();
    }

    @Test
    void nothingIsWrittenWhileNothingHasHappened() {
        assertThat(dueAt(0)).isEqualTo(-1);
    }

    @Test
    void fewOutcomesWaitForTwoSeconds() {
        succeed(0, 3);
        assertThat(dueAt(10)).isEqualTo(2000);
    }

    @Test
    void fewOutcomesOfALargeBatchWaitForFiveSeconds() {
        record = record("lines: '" + "x".repeat(CommitRules.LARGE) + "'", 1000);
        succeed(0, 3);
        assertThat(dueAt(10)).isEqualTo(5000);
    }

    @Test
    void theFirstOutcomesAfterAPauseAreGatheredFor200Milliseconds() {
        succeed(0, CommitRules.MANY);
        record.firstUnwrittenAt = Duration.ofMillis(700).toNanos();
        assertThat(dueAt(710)).isEqualTo(900);
    }

    @Test
    void manyOutcomesAreWrittenAtOnceButNotTwiceIn200Milliseconds() {
        succeed(0, CommitRules.MANY);
        assertThat(dueAt(10)).isEqualTo(200);
        assertThat(dueAt(300)).isEqualTo(300);
        record.writtenAt = Duration.ofMillis(290).toNanos();
        assertThat(dueAt(300)).isEqualTo(490);
    }

    @Test
    void aFailureIsWritten200MillisecondsBeforeItsRetryIsDue() {
        backOff(0, WALL.plusMillis(1000));
        assertThat(dueAt(100)).isEqualTo(800);
    }

    @Test
    void theEndWaitsForNothing() {
        succeed(0, 1000);
        assertThat(dueAt(20)).isEqualTo(20);
    }

    @Test
    void theOutcomesOfABatchThatEndsSoonAreWrittenTogetherAtItsEnd() {
        record = record("count: 40", 40);
        for (int i = 0; i < 39; i++) {
            succeed(i, i + 1);
            assertThat(dueAt(20)).isGreaterThan(20);
        }
        succeed(39, 40);
        assertThat(dueAt(20)).isEqualTo(20);
        assertThat(record.unwritten).hasSize(40);
    }

    @Test
    void anAnnotationThatWasHandledIsWrittenSoon() {
        record.hasNews = true;
        assertThat(dueAt(500)).isEqualTo(500);
    }

    @Test
    void whatABatchWaitsForIsWrittenOnceASecondAtMost() {
        record.isStale = true;
        assertThat(dueAt(20)).isEqualTo(1000);
    }

    @Test
    void whatABatchWaitsForIsNotWrittenInItsFirstSecond() {
        record.isStale = true;
        record.quietSince = Duration.ofMillis(400).toNanos();
        assertThat(dueAt(500)).isEqualTo(1400);
    }

    @Test
    void theThreadThatWritesLooksAtOnceIfThereIsNewsOrManyOutcomesOrTheEnd() {
        assertThat(CommitRules.isUrgent(record)).isFalse();
        record.hasNews = true;
        assertThat(CommitRules.isUrgent(record)).isTrue();
        record.hasNews = false;
        succeed(0, CommitRules.MANY);
        assertThat(CommitRules.isUrgent(record)).isTrue();
        succeed(0, CommitRules.MANY + 1);
        assertThat(CommitRules.isUrgent(record)).isFalse();
        succeed(0, 1000);
        assertThat(CommitRules.isUrgent(record)).isTrue();
    }

    @Test
    void anEndedBatchWaitsForTheTurnOfItsDeadLetters() {
        succeed(0, 1000);
        record.unwritten.clear();
        record.deadLettersDue.set(7);
        record.nextDeadLetterAt = Duration.ofMillis(700).toNanos();
        assertThat(dueAt(10)).isEqualTo(700);
        record.deadLettersDue.clear();
        assertThat(dueAt(10)).isEqualTo(10);
    }

    @Test
    void deadLettersWaitForTheirPaceAndNotForOtherOutcomes() {
        succeed(0, 3);
        record.deadLettersDue.set(7);
        record.nextDeadLetterAt = Duration.ofMillis(700).toNanos();
        assertThat(dueAt(10)).isEqualTo(700);
    }

    @Test
    void aRefusedWriteWaitsForItsPause() {
        succeed(0, 1000);
        record.refusals = 1;
        record.pausedUntil = Duration.ofMillis(900).toNanos();
        assertThat(dueAt(20)).isEqualTo(900);
    }

    @Test
    void oneThreadAtATimeWritesForABatch() {
        succeed(0, 1000);
        record.isBusy = true;
        assertThat(dueAt(20)).isEqualTo(-1);
    }
}
