package dev.taskqueue.operator.batch;

import static dev.taskqueue.operator.batch.RandomProgress.START;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.BatchState;
import dev.taskqueue.operator.api.TaskBatchStatus;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.ItemAttempts;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.engine.Turn;
import dev.taskqueue.operator.task.RedriveRequest;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.testing.TestingTasks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchStatusTest {
    private static final Instant LATER = START.plusSeconds(1);

    private static AttemptHistory attempts(int count, int code) {
        AttemptHistory history = AttemptHistory.NONE;
        for (int i = 0; i < count; i++) {
            history = history.plus(START, START, START.plusMillis(3), RandomProgress.outcome(code));
        }
        return history;
    }

    private static void succeed(BatchProgress progress, int... indexes) {
        for (int index : indexes) {
            progress.note(
                    index,
                    null,
                    new Entry.Finished(attempts(1, 200), new Ending(Ending.Reason.Delivered, "Delivered."), LATER));
        }
    }

    private static void fail(BatchProgress progress, int index, int code, Ending.Reason reason) {
        progress.note(
                index,
                "o-" + index,
                new Entry.Finished(
                        code < 0 ? AttemptHistory.NONE : attempts(1, code), new Ending(reason, "It failed."), LATER));
    }

    private static void backOff(BatchProgress progress, int index, Instant nextAt) {
        progress.note(index, null, new Entry.BackingOff(attempts(2, 503), nextAt));
    }

    private static ObjectNode status(BatchProgress progress) {
        return BatchStatusWriter.status(progress, BatchOutlook.at(LATER));
    }

    private static JsonNode condition(JsonNode status, String type) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition;
            }
        }
        return status.path("no such condition");
    }

    private static String words(JsonNode condition) {
        return condition.path("status").asText() + " "
                + condition.path("reason").asText() + ": "
                + condition.path("message").asText();
    }

    private static JsonNode json(String text) {
        return TestingTasks.json(text);
    }

    @Test
    void tellsWhatHasBecomeOfTheItems() throws IOException {
        var progress = new BatchProgress(1000);
        IntStream.range(0, 429).filter(i -> i != 42).forEach(i -> succeed(progress, i));
        fail(progress, 42, 422, Ending.Reason.NonRetryable);
        backOff(progress, 431, START.plusMillis(61_250));
        progress.awaitDeadLetter(42);
        ObjectNode status =
                BatchStatusWriter.status(progress, new BatchOutlook(LATER, START.plusMillis(61_250), null, null, null));
        status.remove("conditions");
        assertThat(TaskJson.MAPPER.readTree(status.toString())).isEqualTo(json("""
                {observedGeneration: 1, state: 'Running', revision: 1, progress: '429/1000',
                 counts: {total: 1000, succeeded: 428, failed: 1, skipped: 0, backingOff: 1},
                 succeeded: '0-41,43-428', failed: '42',
                 retries: {'0': '42!422N~1', '400': '431:2/2/0@0+61250!503'},
                 failures: [{index: 42, key: 'o-42', attempts: 1, statusCode: 422, reason: 'NonRetryable',
                             message: 'It failed.', time: '2026-11-20T08:00:01.123Z'}],
                 failedByReason: {'NonRetryable/422': 1},
                 deadLetters: {created: 0, open: '42'},
                 startTime: '2026-11-20T08:00:00.123Z', nextAttemptTime: '2026-11-20T08:01:01.373Z'}
                """));
    }

    @ParameterizedTest
    @CsvSource({
        "-1,   5, , ''",
        "0,    5, , ''",
        "9,    , , 2026-11-20T08:00:10.123Z",
        "9,    5, , 2026-11-20T08:00:06.123Z",
        "5,    9, , 2026-11-20T08:00:06.123Z",
        ",     5, , 2026-11-20T08:00:06.123Z",
        ",    -1, , ''",
        "9,    5, wait, ''"
    })
    void namesTheNextAttemptOnlyIfItIsAhead(
            @Nullable Integer waiting, @Nullable Integer retry, @Nullable String hold, String next) {
        var progress = new BatchProgress(2);
        if (retry != null) {
            backOff(progress, 0, LATER.plusSeconds(retry));
        }
        Instant nextAt = waiting == null ? null : LATER.plusSeconds(waiting);
        JsonNode status = BatchStatusWriter.status(progress, new BatchOutlook(LATER, nextAt, null, hold, null));
        assertThat(status.path("nextAttemptTime").asText()).isEqualTo(next);
    }

    @ParameterizedTest
    @CsvSource({
        "500, RetriesExhausted, was answered 500",
        "500, Expired, was answered 500",
        "-1, Expired, expired",
        "0, RetriesExhausted, got no answer",
        "0, NonRetryable, failed"
    })
    void saysWhatBecameOfTheFirstItemThatFailed(int code, Ending.Reason reason, String words) {
        var progress = new BatchProgress(2);
        succeed(progress, 0);
        fail(progress, 1, code, reason);
        progress.complete(LATER);
        assertThat(condition(status(progress), "Succeeded").path("message").asText())
                .startsWith("1 of 2 items failed: item 1 " + words + " (see Troubleshooting");
    }

    /** The schema has the same fields, and takes the values. */
    @Test
    void hasTheFieldsOfTheApi() throws IOException {
        for (long seed = 0; seed < 20; seed++) {
            ObjectNode status = status(RandomProgress.of(seed, 100, 300));
            ObjectNode back = TaskJson.MAPPER.valueToTree(TaskJson.MAPPER.treeToValue(status, TaskBatchStatus.class));
            status.properties().forEach(field -> {
                if (!field.getKey().equals("conditions")) {
                    assertThat(back.get(field.getKey()).toString())
                            .as(field.getKey())
                            .hasSameSizeAs(field.getValue().toString());
                }
            });
        }
    }

    @Test
    void isReadBack() throws IOException {
        for (int seed = 0; seed < 300; seed++) {
            int total = 1 + (seed % 1000);
            BatchProgress progress = RandomProgress.of(seed, total, 20 + (3 * seed));
            JsonNode written = TaskJson.MAPPER.readTree(status(progress).toString());
            BatchProgress back = BatchStatusReader.read(written, total);
            assertThat(back)
                    .as("seed %d", seed)
                    .usingRecursiveComparison()
                    .ignoringFields("revision")
                    .withEqualsForType(BatchStatusTest::isKept, ItemAttempts.class)
                    .isEqualTo(progress);
            assertThat(back.revision()).isEqualTo(progress.revision() + 1);
            back.committed(progress.revision());
            assertThat(status(back).toString()).as("seed %d", seed).isEqualTo(written.toString());
        }
    }

    /** The message of the end is written later, perhaps by another process. */
    @Test
    void theNextLeaderStillTellsThatDeadLettersWereRefused() throws IOException {
        var progress = new BatchProgress(2);
        fail(progress, 0, 422, Ending.Reason.NonRetryable);
        progress.refusals().refuseDeadLetters("orders-failed", "the API server refused it with 422");
        ObjectNode status = status(progress);
        assertThat(status.at("/deadLetters/message").asText())
                .isEqualTo(
                        "Items have no dead letters in TaskQueue orders-failed: the API server refused it with 422.");
        BatchProgress next = BatchStatusReader.read(TaskJson.MAPPER.readTree(status.toString()), 2);
        succeed(next, 1);
        next.complete(LATER);
        assertThat(condition(status(next), "Succeeded").path("message").asText())
                .startsWith(
                        "1 of 2 items failed: item 0 was answered 422. Items have no dead letters in TaskQueue orders-failed:");
        next.redrive(RedriveRequest.byTask("again"), LATER);
        assertThat(status(next).has("deadLetters")).isFalse();
    }

    private static boolean isKept(ItemAttempts a, ItemAttempts b) {
        return a.attempts() == b.attempts()
                && a.responses() == b.responses()
                && a.executions() == b.executions()
                && a.lastCode() == b.lastCode()
                && a.timedOut() == b.timedOut()
                && a.earlier() == b.earlier()
                && Math.abs(a.firstAt() - b.firstAt()) < 1000;
    }

    @Test
    void ofAThousandThatBackOffAndFiftyLongFailuresIsBelow80Kilobytes() {
        var progress = new BatchProgress(1000);
        var ending = new Ending(Ending.Reason.RetriesExhausted, "x".repeat(1000));
        for (int i = 0; i < 1000; i++) {
            progress.note(i, null, new Entry.Finished(attempts(100, 503), ending, LATER));
        }
        progress.expedite("r".repeat(256), new BitSet());
        progress.redrive(new RedriveRequest("a".repeat(256), "b".repeat(256)), LATER);
        for (int i = 0; i < 1000; i++) {
            AttemptHistory history =
                    Objects.requireNonNull(progress.retries().get(i)).attempts().history(2);
            for (int attempt = 0; attempt < 100; attempt++) {
                history = history.plus(LATER, LATER, LATER, RandomProgress.outcome(503));
            }
            if (i % 20 == 1) {
                progress.note(i, "k".repeat(200), new Entry.Finished(history, ending, LATER));
                progress.awaitDeadLetter(i);
            } else {
                progress.note(i, null, new Entry.BackingOff(history, START.plusSeconds(2_592_000)));
            }
        }
        ObjectNode status = status(progress);
        assertThat(status.path("counts").path("backingOff").asInt()).isEqualTo(950);
        assertThat(status.path("failures")).hasSize(50);
        assertThat(status.path("retries").path("0").asText()).startsWith("0:100/100/0@1+2592000000!503~100 1!503R~200");
        assertThat(status.toString().getBytes(StandardCharsets.UTF_8)).hasSizeBetween(60_000, 80_000);
    }

    @Test
    void beginsPendingOrScheduled() {
        var progress = new BatchProgress(10);
        assertThat(words(condition(status(progress), "Succeeded")))
                .isEqualTo("Unknown Pending: Its items wait for their turn in the queue.");
        JsonNode scheduled = BatchStatusWriter.status(progress, new BatchOutlook(START, LATER, null, null, null));
        assertThat(scheduled.path("state").asText()).isEqualTo("Scheduled");
        assertThat(words(condition(scheduled, "Succeeded")))
                .isEqualTo("Unknown Scheduled: The first item is due at 2026-11-20T08:00:01.123Z.");
        assertThat(words(condition(scheduled, "Accepted"))).isEqualTo("True Accepted: ");
        assertThat(words(condition(scheduled, "Finished"))).isEqualTo("False Scheduled: ");
        assertThat(condition(scheduled, "Stalled").isMissingNode()).isTrue();
    }

    @Test
    void tellsWhatHoldsTheItemsBack() {
        var progress = new BatchProgress(10);
        JsonNode status = BatchStatusWriter.status(
                progress, new BatchOutlook(START, START, obstacle(Obstacle.Reason.TargetNotFound), null, null));
        assertThat(words(condition(status, "Accepted")))
                .isEqualTo("False TargetNotFound: Mend it. (see Troubleshooting, section TargetNotFound)");
        assertThat(words(condition(status, "Succeeded"))).startsWith("Unknown TargetNotFound: Mend it.");
        JsonNode ready = BatchStatusWriter.status(
                progress, new BatchOutlook(START, START, obstacle(Obstacle.Reason.NoReadyEndpoint), null, null));
        assertThat(words(condition(ready, "Accepted"))).isEqualTo("True Accepted: ");
        assertThat(words(condition(ready, "Succeeded"))).startsWith("Unknown NoReadyEndpoint: Mend it.");
        JsonNode unwritten = BatchStatusWriter.status(
                progress, new BatchOutlook(START, START, obstacle(Obstacle.Reason.WriteRefused), null, null));
        assertThat(words(condition(unwritten, "Succeeded"))).startsWith("Unknown Pending");
    }

    @Test
    void tellsThatItsQueueIsPausedInTheWordsOfATask() {
        JsonNode paused = paused(new BatchProgress(10), new Turn.Paused(Turn.By.SPEC, "paused by spec.state"));
        assertThat(paused.path("state").asText()).isEqualTo("Pending");
        assertThat(words(condition(paused, "Accepted"))).isEqualTo("True Accepted: ");
        assertThat(words(condition(paused, "Finished"))).isEqualTo("False QueuePaused: ");
        assertThat(words(condition(paused, "Succeeded")))
                .isEqualTo(
                        "Unknown QueuePaused: Due since 2026-11-20T08:00:00.123Z. At 2026-11-20T08:00:01Z the queue was paused by spec.state.");
        var running = new BatchProgress(10);
        succeed(running, 0);
        JsonNode held = paused(running, new Turn.Paused(Turn.By.HOLD, "held: incident 1204"));
        assertThat(held.path("state").asText()).isEqualTo("Running");
        assertThat(words(condition(held, "Succeeded"))).startsWith("Unknown QueueHeld: ");
        JsonNode invalid = paused(running, new Turn.Paused(Turn.By.INVALID_SPEC, "not served"));
        assertThat(words(condition(invalid, "Succeeded")))
                .startsWith("Unknown Queued: ")
                .endsWith("was not served.");
    }

    private static JsonNode paused(BatchProgress progress, Turn.Paused pause) {
        return BatchStatusWriter.status(progress, new BatchOutlook(LATER, START, null, null, new Turn(LATER, pause)));
    }

    private static Obstacle obstacle(Obstacle.Reason reason) {
        return new Obstacle(reason, new Obstacle.Subject(Obstacle.Kind.Service, "shop", "a"), "Mend it.");
    }

    @Test
    void tellsWhoHoldsIt() {
        JsonNode held = held("Anna: looking at it");
        assertThat(words(condition(held, "Accepted"))).isEqualTo("True Accepted: ");
        assertThat(words(condition(held, "Succeeded"))).startsWith("Unknown Held: Held: Anna: looking at it.");
    }

    @Test
    void whatHoldsItIsOnePlainLine() {
        assertThat(words(condition(held("a\r\nX-Injected: \u202e1"), "Succeeded")))
                .startsWith("Unknown Held: Held: a X-Injected: 1.");
        assertThat(words(condition(held(" \u200b"), "Succeeded"))).startsWith("Unknown Held: Held.");
    }

    private static JsonNode held(String why) {
        return BatchStatusWriter.status(new BatchProgress(2), new BatchOutlook(START, LATER, null, why, null));
    }

    @Test
    void endsWell() {
        var progress = new BatchProgress(2);
        succeed(progress, 0, 1);
        JsonNode finishing = status(progress);
        assertThat(finishing.path("state").asText()).isEqualTo("Finishing");
        assertThat(words(condition(finishing, "Finished"))).isEqualTo("False Running: ");
        progress.complete(LATER);
        JsonNode status = status(progress);
        assertThat(status.path("state").asText()).isEqualTo("Succeeded");
        assertThat(status.path("completionTime").asText()).isEqualTo("2026-11-20T08:00:01.123Z");
        assertThat(words(condition(status, "Finished"))).isEqualTo("True Delivered: ");
        assertThat(words(condition(status, "Succeeded"))).isEqualTo("True Delivered: All 2 items succeeded.");
        assertThat(condition(status, "Stalled").isMissingNode()).isTrue();
    }

    @Test
    void countsTheFailedOnesAndNamesTheFirst() {
        var progress = new BatchProgress(1000);
        fail(progress, 91, 500, Ending.Reason.RetriesExhausted);
        fail(progress, 90, 0, Ending.Reason.RetriesExhausted);
        fail(progress, 42, 422, Ending.Reason.NonRetryable);
        IntStream.range(0, 1000).forEach(i -> succeed(progress, i));
        progress.complete(LATER);
        JsonNode status = status(progress);
        assertThat(status.path("state").asText()).isEqualTo("Failed");
        assertThat(words(condition(status, "Succeeded")))
                .isEqualTo(
                        "False ItemsFailed: 3 of 1000 items failed; the first, item 42, was answered 422 (see Troubleshooting, section ItemsFailed)");
        assertThat(words(condition(status, "Stalled"))).startsWith("True ItemsFailed: 3 of 1000");
        assertThat(status.path("failedByReason"))
                .isEqualTo(json("{'NonRetryable/422': 1, 'RetriesExhausted': 1, 'RetriesExhausted/500': 1}"));
    }

    @ParameterizedTest
    @CsvSource({"Expired, Expired", "NonRetryable, ItemsFailed"})
    void isExpiredIfAllThatFailedHave(Ending.Reason other, String reason) {
        var progress = new BatchProgress(3);
        succeed(progress, 0);
        fail(progress, 1, -1, Ending.Reason.Expired);
        fail(progress, 2, -1, other);
        progress.complete(LATER);
        JsonNode status = status(progress);
        assertThat(condition(status, "Succeeded").path("reason").asText()).isEqualTo(reason);
        assertThat(condition(status, "Succeeded").path("message").asText())
                .startsWith("2 of 3 items failed; the first, item 1, expired");
        assertThat(BatchStatusReader.read(status, 3).stop()).isNull();
    }

    @Test
    void tellsWhyNothingFurtherLeft() {
        var progress = new BatchProgress(10);
        succeed(progress, 0);
        fail(progress, 1, 500, Ending.Reason.RetriesExhausted);
        backOff(progress, 2, LATER);
        progress.stop(BatchStop.cancelled("wrong prices"));
        progress.stop(BatchStop.tooManyFailed(0));
        JsonNode running = status(progress);
        assertThat(words(condition(running, "Finished"))).isEqualTo("False Cancelled: Cancelled: wrong prices");
        assertThat(BatchStatusReader.read(running, 10).stop()).isEqualTo(progress.stop());
        var all = new BitSet();
        all.set(0, 10);
        progress.skip(all);
        progress.complete(LATER);
        JsonNode status = status(progress);
        assertThat(status.path("skipped").asText()).isEqualTo("2-9");
        assertThat(words(condition(status, "Succeeded")))
                .isEqualTo(
                        "False Cancelled: Cancelled: wrong prices. 1 of 10 items failed: item 1 was answered 500; 8 were left unsent"
                                + " (see Troubleshooting, section Cancelled)");
    }

    @ParameterizedTest
    @CsvSource({
        "'wrong\u202e\nprices', 'Cancelled: wrong prices'",
        "'\ufeff', Cancelled.",
        "'\u0000 \u2028', Cancelled.",
        "'', Cancelled."
    })
    void theReasonOfACancelIsOneLineOfVisibleCharacters(String why, String message) {
        assertThat(BatchStop.cancelled(why).message()).isEqualTo(message);
    }

    @Test
    void theReasonOfACancelIsCutBetweenCharacters() {
        String message = BatchStop.cancelled("x" + "\ud83d\ude00".repeat(200)).message();
        assertThat(message).hasSizeLessThan(180).endsWith("\ud83d\ude00...");
    }

    @Test
    void ofABatchInErrorSaysSo() {
        var progress = new BatchProgress(0);
        progress.stop(BatchStop.invalidSpec("line 900: it is no JSON object; write one."));
        progress.complete(LATER);
        JsonNode status = status(progress);
        assertThat(status.path("state").asText()).isEqualTo("Failed");
        assertThat(words(condition(status, "Accepted"))).startsWith("False InvalidSpec: line 900:");
        assertThat(words(condition(status, "Succeeded"))).startsWith("False InvalidSpec: line 900:");
        BatchProgress back = BatchStatusReader.read(status, 0);
        assertThat(back.isDone()).isTrue();
        assertThat(back.state(false)).isEqualTo(BatchState.Failed);
        assertThat(back.redrive(RedriveRequest.byTask("a"), LATER).isEmpty()).isTrue();
        assertThat(back.round()).isOne();
    }

    @Test
    void ofABatchInErrorSaysSoWhileItsReportIsMissing() {
        var progress = new BatchProgress(0);
        progress.stop(BatchStop.invalidSpec("line 900: it is no JSON object; write one."));
        JsonNode status = status(progress);
        assertThat(status.path("state").asText()).isEqualTo("Finishing");
        assertThat(words(condition(status, "Accepted"))).startsWith("False InvalidSpec: line 900:");
        assertThat(words(condition(status, "Succeeded")))
                .isEqualTo("Unknown Running: Nothing of the batch is sent; the Task of onFinished is being created.");
    }

    @ParameterizedTest
    @CsvSource({"true, Succeeded, True", "false, Failed, False"})
    void ofABatchThatHadEndedBeforeSaysHow(boolean isSuccess, String state, String succeeded) {
        var progress = new BatchProgress(5);
        progress.stop(BatchStop.alreadyCompleted(isSuccess, "It ended before."));
        assertThat(progress.open().isEmpty()).isTrue();
        progress.complete(LATER);
        JsonNode status = status(progress);
        assertThat(status.path("state").asText()).isEqualTo(state);
        assertThat(words(condition(status, "Succeeded"))).isEqualTo(succeeded + " AlreadyCompleted: It ended before.");
        assertThat(BatchStatusReader.read(status, 5).stop()).isEqualTo(progress.stop());
    }

    @Test
    void aConditionKeepsItsTimeUntilItChanges() {
        BatchProgress progress = BatchStatusReader.read(defaultStatus(), 1);
        JsonNode first = BatchStatusWriter.status(progress, BatchOutlook.at(START));
        assertThat(since(first, "Succeeded")).isEqualTo("2026-11-20T08:00:00Z");
        BatchProgress back = BatchStatusReader.read(first, 1);
        JsonNode second = BatchStatusWriter.status(back, BatchOutlook.at(START.plusSeconds(60)));
        assertThat(since(second, "Succeeded")).isEqualTo("2026-11-20T08:00:00Z");
        succeed(back, 0);
        back.complete(LATER);
        JsonNode third = BatchStatusWriter.status(back, BatchOutlook.at(START.plusSeconds(90)));
        assertThat(since(third, "Succeeded")).isEqualTo("2026-11-20T08:01:30Z");
        assertThat(since(third, "Finished")).isEqualTo("2026-11-20T08:01:30Z");
        assertThat(since(third, "Accepted")).isEqualTo("2026-11-20T08:00:00Z");
    }

    private static JsonNode defaultStatus() {
        return json("""
                {state: 'Pending', revision: 0, conditions: [{type: 'Succeeded', status: 'Unknown', reason: 'Pending',
                 message: '', lastTransitionTime: '1970-01-01T00:00:00Z'}]}""");
    }

    private static String since(JsonNode status, @Nullable String type) {
        return condition(status, String.valueOf(type))
                .path("lastTransitionTime")
                .asText();
    }

    @Test
    void aPartThatContradictsAnotherCountsAsAbsent() {
        BatchProgress progress = BatchStatusReader.read(json("""
                {revision: -4, succeeded: '0-3', failed: '2-5', skipped: '4-7,99', round: {number: 0},
                 retries: {'0': '1:1/1/1@0+5!500 8:1/1/1@0+5!500 x', '100': 7},
                 claims: [{indexes: '2,8', dispatchTime: '2026-11-20T08:00:00Z', deadline: '2026-11-20T08:01:00Z', holder: 'a'},
                          {indexes: '9', dispatchTime: 'soon', deadline: '2026-11-20T08:01:00Z', holder: 'a'}, 3],
                 failures: [{index: 4}, {index: 0}, {}], deadLetters: {created: -1, open: '0-9'},
                 startTime: 'then', lastHandledRunNow: 5, conditions: 'none'}
                """), 10);
        assertThat(progress.open()).isEqualTo(bits(6, 7, 8, 9));
        assertThat(progress.failed()).isEqualTo(bits(4, 5));
        assertThat(progress.retries()).containsOnlyKeys(8);
        assertThat(progress.claims()).extracting(ItemClaim::indexes).containsExactly(bits(8));
        assertThat(progress.failures()).extracting(ItemFailure::index).containsExactly(4);
        assertThat(progress.openDeadLetters()).isEqualTo(bits(4, 5));
        assertThat(List.of(progress.revision(), (long) progress.round(), (long) progress.deadLettersCreated()))
                .isEqualTo(List.of(0L, 1L, 0L));
    }

    private static BitSet bits(int... indexes) {
        var bits = new BitSet();
        IntStream.of(indexes).forEach(bits::set);
        return bits;
    }

    @Test
    void manyReasonsAreAddedUp() {
        var progress = new BatchProgress(100);
        for (int i = 0; i < 100; i++) {
            fail(progress, i, 400 + (i < 40 ? 0 : i), Ending.Reason.NonRetryable);
        }
        Map<String, Integer> counts = progress.items.failedByReason();
        assertThat(counts).hasSize(17).containsEntry("NonRetryable/400", 40).containsEntry("Other", 45);
    }

    @Test
    void aCommitIsGuardedByUidAndRevision() throws IOException {
        String patch = BatchPatch.of(
                new BatchId("shop", "a", "uid-1"),
                17,
                TaskJson.MAPPER.createObjectNode().put("revision", 18));
        assertThat(TaskJson.MAPPER.readTree(patch)).isEqualTo(json("""
                [{op: 'test', path: '/metadata/uid', value: 'uid-1'}, {op: 'test', path: '/status/revision', value: 17},
                 {op: 'add', path: '/status', value: {revision: 18}}]"""));
    }
}
