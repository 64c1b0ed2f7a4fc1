package dev.taskqueue.operator.batches;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.batch.BatchOutlook;
import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.batch.BatchStatusWriter;
import dev.taskqueue.operator.batch.BatchStop;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.engine.Journal;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class BatchLifecycleTest {
    private static final Instant NOW = TestingLifecycle.NOW;

    private final TestingLifecycle process = new TestingLifecycle();
    private final BatchRecord record = seen();

    private BatchRecord seen() {
        JsonNode json = TestingBatches.json("invoices", "count: 3");
        process.lifecycle.seen(json, 1);
        return Objects.requireNonNull(process.batches.get(BatchReader.id(json)));
    }

    private void noted(int index, Journal.Entry entry) {
        process.journal.note(
                Objects.requireNonNull(record.feed), new DeliveryId(new ItemId(record.id, index), 1), entry);
    }

    private static Journal.Entry interrupted() {
        return new Journal.Entry.BackingOff(AttemptHistory.NONE.plusInterrupted(NOW, NOW), NOW.plusSeconds(10));
    }

    /** The status that another process has written in the meantime. */
    private void overtakenBy(BatchProgress theirs) {
        var json = (ObjectNode) TestingBatches.json("invoices", "count: 3");
        ((ObjectNode) json.path("metadata")).put("resourceVersion", "8");
        ObjectNode status = BatchStatusWriter.status(theirs, BatchOutlook.at(NOW));
        json.set("status", status.put("revision", 1));
        process.lifecycle.overtaken(record, json);
    }

    /** The watch shows a version of the batch with these annotations. */
    private void shown(String version, Map<String, String> annotations) {
        var json = (ObjectNode) TestingBatches.json("invoices", "count: 3");
        var metadata = (ObjectNode) json.path("metadata");
        metadata.put("resourceVersion", version);
        var written = metadata.putObject("annotations");
        annotations.forEach(written::put);
        process.lifecycle.seen(json, 1);
    }

    @Test
    void whatPeopleWroteRightBeforeAStatusOfThisProcessIsDoneAlthoughTheWatchShowsItLater() {
        record.version = 9;
        shown("8", Map.of(Annotations.HOLD, "maintenance"));
        assertThat(record.isHeld).isTrue();
        record.version = 11;
        shown("10", Map.of());
        assertThat(record.isHeld).isFalse();
        record.version = 13;
        shown("12", Map.of(Annotations.CANCEL, "wrong prices"));
        assertThat(record.progress.stop()).isNotNull();
    }

    @Test
    void aListMayShowItTogetherWithTheStatusOfThisProcess() {
        record.version = 9;
        shown("9", Map.of(Annotations.CANCEL, "wrong prices"));
        assertThat(record.progress.stop()).isNotNull();
    }

    @Test
    void anOlderVersionThanTheEndThatThisProcessHasWrittenDoesNotBeginTheBatchAgain() {
        record.progress.complete(NOW);
        record.version = 9;
        process.lifecycle.finished(record);
        shown("8", Map.of(Annotations.HOLD, "maintenance"));
        assertThat(record.phase).isEqualTo(BatchRecord.Phase.FINISHED);
        assertThat(record.feed).isNull();
    }

    @Test
    void aDeletedBatchDoesNotBeginAgainWithAVersionFromBefore() {
        process.lifecycle.gone(record);
        shown("8", Map.of());
        assertThat(process.batches.get(record.id)).isSameAs(record);
        assertThat(record.feed).isNull();
        process.lifecycle.deleted(record);
        assertThat(process.batches.get(record.id)).isNull();
    }

    @Test
    void anItemThatItsSenderHasToldAsDeliveredLateIsNotSentAgain() {
        noted(0, interrupted());
        var theirs = new BatchProgress(3);
        theirs.note(
                0,
                null,
                new Journal.Entry.Finished(
                        AttemptHistory.NONE.plus(NOW, NOW, NOW, Outcome.Answered.of(200)),
                        new Ending(Ending.Reason.Delivered, "The worker answered 200."),
                        NOW));
        overtakenBy(theirs);
        assertThat(record.progress.succeededCount()).isEqualTo(1);
        assertThat(record.unwritten).isEmpty();
    }

    @Test
    void theFailureThatItsSenderHasToldLateStandsForAnAttemptThatWasTakenForInterrupted() {
        noted(0, interrupted());
        noted(1, interrupted());
        var theirs = new BatchProgress(3);
        var late = new Outcome.Unanswered(AttemptReason.DeadlineExceeded, "late");
        theirs.note(
                0,
                null,
                new Journal.Entry.BackingOff(AttemptHistory.NONE.plus(NOW, NOW, NOW, late), NOW.plusSeconds(7)));
        overtakenBy(theirs);
        assertThat(Objects.requireNonNull(record.progress.retries().get(0)).nextAt())
                .isEqualTo(NOW.plusSeconds(7).toEpochMilli());
        assertThat(record.progress.retries()).containsOnlyKeys(0, 1);
        assertThat(record.unwritten).containsOnlyKeys(1);
    }

    @Test
    void aBatchThatAFormerLeaderHasStoppedSendsNothingFurther() {
        var theirs = new BatchProgress(3);
        AttemptHistory history = AttemptHistory.NONE.plus(NOW, NOW, NOW, Outcome.Answered.of(422));
        theirs.note(0, null, new Journal.Entry.Finished(history, new Ending(Ending.Reason.NonRetryable, "422."), NOW));
        theirs.stop(BatchStop.tooManyFailed(0));
        var json = (ObjectNode) TestingBatches.json("receipts", "count: 3, maxFailed: 0");
        ((ObjectNode) json.path("metadata")).put("uid", "another");
        json.set("status", BatchStatusWriter.status(theirs, BatchOutlook.at(NOW)));
        process.lifecycle.seen(json, 1);
        BatchProgress progress = Objects.requireNonNull(process.batches.get(BatchReader.id(json))).progress;
        assertThat(progress.skippedCount()).isEqualTo(2);
        assertThat(progress.isDone()).isTrue();
    }

    @Test
    void afterATakeOverItemsBackOffUntilTheTimeThatStatusTells() {
        var theirs = new BatchProgress(1);
        theirs.note(0, null, interrupted());
        var json = (ObjectNode) TestingBatches.json("receipts", "count: 1");
        ((ObjectNode) json.path("metadata")).put("uid", "another");
        json.set("status", BatchStatusWriter.status(theirs, BatchOutlook.at(NOW)));
        process.lifecycle.seen(json, 1);
        var feed = Objects.requireNonNull(Objects.requireNonNull(process.batches.get(BatchReader.id(json))).feed);
        assertThat(process.engine.batches().snapshot(feed).nextDueAt()).isEqualTo(NOW.plusSeconds(10));
    }

    @Test
    void nothingWaitsForARetryInABatchThatWasStopped() {
        noted(0, interrupted());
        process.journal.stop(record, BatchStop.cancelled("enough"));
        var theirs = new BatchProgress(3);
        var late = new Outcome.Unanswered(AttemptReason.DeadlineExceeded, "late");
        theirs.note(
                0,
                null,
                new Journal.Entry.BackingOff(AttemptHistory.NONE.plus(NOW, NOW, NOW, late), NOW.plusSeconds(7)));
        overtakenBy(theirs);
        assertThat(record.progress.isDone()).isTrue();
    }
}
