package dev.taskqueue.operator.batches;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.engine.BatchItems;
import dev.taskqueue.operator.engine.BatchOffer;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.testing.TestingTasks;
import java.time.Instant;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a process does with its late outcomes after another leader has written the status. */
class OvertakenBatchTest {
    private static final Instant NOW = TestingLifecycle.NOW;

    private final TestingLifecycle process = new TestingLifecycle();
    private final BatchRecord record = record();

    /** A batch of three items that are in flight, with claims of this process. */
    private BatchRecord record() {
        process.queues.put(
                BatchReader.read(TestingBatches.json("b", "count: 3")).queue(),
                QueueProfile.read(
                        TestingTasks.read("{deadLetter: {queueRef: {name: 'dead'}}}", TaskQueueSpec.class), false));
        var made = new BatchRecord(BatchReader.read(TestingBatches.json("b", "count: 3")), new BatchProgress(3), 0);
        made.mayHaveDeadLetters = true;
        made.phase = BatchRecord.Phase.OPEN;
        made.claimed.set(0, 3);
        made.feed = process.engine
                .batches()
                .offer(new BatchOffer(
                        made.id,
                        1,
                        made.queue,
                        NOW,
                        NOW,
                        null,
                        false,
                        BatchItems.dueAt(new BitSet(), NOW.toEpochMilli()),
                        Map.of()));
        process.batches.put(made);
        return made;
    }

    private static AttemptHistory attempts(int count) {
        AttemptHistory history = AttemptHistory.NONE;
        for (int i = 0; i < count; i++) {
            history = history.plus(NOW, NOW, NOW, Outcome.Answered.of(503));
        }
        return history;
    }

    private void late(int index, Entry outcome) {
        record.unwritten.put(index, outcome);
        process.journal.take(record, index, outcome);
    }

    /** Another leader has written revision 9. */
    private void overtaken(String status) {
        ObjectNode json = (ObjectNode) TestingBatches.json("b", "count: 3");
        json.set(
                "status",
                TestingTasks.json(
                        "{state: 'Running', revision: 9, startTime: '2026-11-20T08:00:00Z', " + status + "}"));
        process.lifecycle.overtaken(record, json);
    }

    @Test
    void anOutcomeThatTheOtherLeaderHasNotIsWrittenNext() {
        late(0, new Entry.BackingOff(attempts(1), NOW.plusSeconds(7)));
        overtaken(
                "claims: [{indexes: '0-2', dispatchTime: '2026-11-20T08:00:00Z', deadline: '2026-11-20T08:10:00Z', holder: 'me'}]");
        assertThat(record.progress.revision()).isEqualTo(9);
        assertThat(Objects.requireNonNull(record.progress.retries().get(0))
                        .attempts()
                        .attempts())
                .isEqualTo(1);
        assertThat(record.claimed.cardinality()).isEqualTo(3);
        assertThat(record.hasNews).isTrue();
    }

    @Test
    void anItemThatTheOtherLeaderHasClaimedIsNoClaimOfThisProcessAnyMore() {
        overtaken(
                "claims: [{indexes: '0', dispatchTime: '2026-11-20T08:00:00Z', deadline: '2026-11-20T08:10:00Z', holder: 'other'},"
                        + " {indexes: '2', dispatchTime: '2026-11-20T08:00:00Z', deadline: '2026-11-20T08:10:00Z', holder: 'me'}]");
        assertThat(record.claimed).isEqualTo(BitSet.valueOf(new long[] {0b100}));
    }

    @Test
    void laterAttemptsOfTheOtherLeaderStand() {
        late(0, new Entry.BackingOff(attempts(1), NOW.plusSeconds(7)));
        overtaken("retries: {'0': '0:4/4/0@0+60000!500'}");
        assertThat(Objects.requireNonNull(record.progress.retries().get(0))
                        .attempts()
                        .attempts())
                .isEqualTo(4);
        assertThat(Objects.requireNonNull(
                                Objects.requireNonNull(record.progress.retries().get(0)))
                        .nextAt())
                .isEqualTo(NOW.plusSeconds(60).toEpochMilli());
    }

    @Test
    void aFailureOfAnItemThatHasSucceededMeanwhileMakesNoDeadLetter() {
        late(0, new Entry.Finished(attempts(1), new Ending(Ending.Reason.NonRetryable, "422."), NOW));
        assertThat(record.progress.openDeadLetters().cardinality()).isEqualTo(1);
        overtaken("succeeded: '0'");
        assertThat(record.progress.failedCount()).isZero();
        assertThat(record.progress.openDeadLetters().isEmpty()).isTrue();
    }

    @Test
    void aDeadLetterThatTheOtherLeaderHasMadeIsNotMadeAgain() {
        late(0, new Entry.Finished(attempts(1), new Ending(Ending.Reason.NonRetryable, "422."), NOW));
        overtaken("failed: '0', deadLetters: {created: 1}");
        assertThat(record.progress.openDeadLetters().isEmpty()).isTrue();
        assertThat(record.progress.deadLettersCreated()).isEqualTo(1);
    }
}
