package dev.taskqueue.operator.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules for the items of a batch. */
class BatchRulesTest extends BatchHistory {
    /** The first attempt of item 0 has failed, and status says so. */
    private void failedOnce() {
        received(2.1, "a", 1, 0, 1);
        answered(2.2, 1, 503);
        told(2.3, "a", "retries: {'0': '0:1/1/0@2+3200!503'}");
    }

    @Test
    void anItemThatIsTriedAgainAfterItsBackoffBreaksNoRule() {
        failedOnce();
        received(3.3, "a", 2, 0, 2);
        assertThat(broken()).isEmpty();
    }

    @Test
    void anItemTellsTheLimitOfItsQueue() {
        maxAttempts = "3";
        received(2.1, "a", 1, 0, 1);
        assertThat(broken()).containsExactly("ItemHeaderWrong");
    }

    @Test
    void anItemIsNotSentBeforeItsTime() {
        received(1.9, "a", 1, 0, 1);
        assertThat(broken()).containsExactly("ItemEarly");
    }

    @Test
    void aRetryWaitsForTheWriteOfTheFailure() {
        received(2.1, "a", 1, 0, 1);
        answered(2.2, 1, 503);
        received(3.3, "a", 2, 0, 2);
        assertThat(broken()).containsExactly("ItemNotRecorded");
    }

    @Test
    void aRetryWaitsForItsBackoff() {
        failedOnce();
        received(3.0, "a", 2, 0, 2);
        assertThat(broken()).containsExactly("ItemRetriedEarly");
    }

    @Test
    void aTimeoutEndsAtTheDeadlineAlthoughTheWorkerSeesItLater() {
        received(2.1, "a", 1, 0, 1);
        answered(602.5, 1, 0);
        told(602.6, "a", "retries: {'0': '0:1/0/0@2+601100!0D'}");
        received(603.2, "a", 2, 0, 2);
        assertThat(broken()).isEmpty();
    }

    @Test
    void anAttemptThatStatusTellsIsNotSentAgain() {
        failedOnce();
        received(3.3, "a", 2, 0, 1);
        assertThat(broken()).containsExactly("RecordedItemSent", "ItemAttemptTwice");
    }

    @Test
    void theLastAttemptEndsAnItem() {
        failedOnce();
        received(3.3, "a", 2, 0, 2);
        answered(3.4, 2, 503);
        told(3.5, "a", "retries: {'0': '0:2/2/0@2+9000!503'}");
        assertThat(broken()).containsExactly("ItemNotGivenUp");
    }

    @Test
    void anItemIsNotGivenUpBeforeItsLastAttempt() {
        received(2.1, "a", 1, 0, 1);
        answered(2.2, 1, 503);
        told(2.3, "a", "failed: '0', retries: {'0': '0!503R~1'}, deadLetters: {open: '0'}");
        assertThat(broken()).containsExactly("ItemGivenUpEarly");
    }

    @Test
    void statusCountsEachAttemptOnce() {
        received(2.1, "a", 1, 0, 1);
        answered(2.2, 1, 503);
        told(2.3, "a", "retries: {'0': '0:2/2/0@2+3200!503'}");
        assertThat(broken()).contains("ItemCountSkipped");
    }

    @Test
    void aClaimOfAFormerLeaderEndsInStatusFirst() {
        received(2.1, "a", 1, 0, 1);
        told(3.2, "a", "claims: [{indexes: '0', dispatchTime: '2026-11-20T08:00:02Z', holder: 'a'}]");
        oracle.observe(new Fact.Ended(time(4), "a", Fact.End.Crashed));
        oracle.observe(new Fact.Started(time(5), "b"));
        received(9, "b", 2, 0, 1);
        assertThat(broken()).containsExactly("ItemClaimIgnored");
    }

    @Test
    void nothingLeavesAfterTooManyHaveFailed() {
        received(2.1, "a", 1, 0, 1);
        received(2.1, "a", 2, 1, 1);
        answered(2.2, 1, 404);
        answered(2.2, 2, 404);
        told(2.3, "a", "failed: '0-1', retries: {'0': '0!404N~1 1!404N~1'}, deadLetters: {open: '0-1'}");
        received(4, "a", 3, 2, 1);
        assertThat(broken()).containsExactly("ItemAfterTooMany");
    }

    /** A batch that had failed before the purge, or is still open, is sent at second 10. */
    private void sentAfterAPurge(boolean isRedriven) {
        if (isRedriven) {
            told(3, "a", "skipped: '0-2', state: 'Failed', completionTime: '2026-11-20T08:00:03Z'");
        }
        for (String status : new String[] {
            "", ", status: {purge: {value: '2026-11-20T08:00:05Z', cutoffTime: '2026-11-20T08:00:05Z'}}"
        }) {
            stored(status.isEmpty() ? "people" : "a", Fact.Change.Changed, "TaskQueue", 5, """
                    {metadata: {namespace: 'shop', name: 'q', uid: 'queue', generation: 2, creationTimestamp: '2026-11-20T08:00:00Z'},
                     spec: {purgeBefore: '2026-11-20T08:00:05Z'}%s}
                    """.formatted(status));
        }
        if (isRedriven) {
            told(9.5, "a", "round: {number: 2}, state: 'Running'");
        }
        received(10, "a", 1, 0, 1);
    }

    @Test
    void aPurgedBatchIsNotSent() {
        sentAfterAPurge(false);
        assertThat(broken()).contains("ItemAfterPurge");
    }

    @Test
    void aPurgeIsNotForABatchThatIsRedrivenLater() {
        sentAfterAPurge(true);
        assertThat(broken()).doesNotContain("ItemAfterPurge", "BatchPurgeMissed");
    }

    @Test
    void nothingIsSkippedUnasked() {
        told(2.3, "a", "skipped: '2'");
        assertThat(broken()).containsExactly("ItemSkippedWithoutReason");
    }

    @Test
    void aRoundBeginsOnceForEachValue() {
        told(2.3, "a", "round: {number: 2}");
        assertThat(broken()).containsExactly("BatchRedriveUnasked");
    }

    /** The first value is replaced before its round is in status. */
    @Test
    void twoValuesBeginTwoRounds() {
        redrive(2.1, "x");
        redrive(2.2, "y");
        told(2.3, "a", "round: {number: 3}, lastHandledRedrive: 'y'");
        assertThat(broken()).doesNotContain("BatchRedriveUnasked");
    }

    @Test
    void oneValueBeginsOneRound() {
        redrive(2.2, "y");
        told(2.3, "a", "round: {number: 3}, lastHandledRedrive: 'y'");
        assertThat(broken()).contains("BatchRedriveUnasked");
    }

    private void redrive(double at, String value) {
        ObjectNode batch = json(batch("{}"));
        batch.withObject("/metadata/annotations").put("taskqueue.dev/redrive", value);
        stored("people", Fact.Change.Changed, "TaskBatch", at, batch.toString());
    }

    @Test
    void anItemDoesNotExpireUnasked() {
        told(2.3, "a", "failed: '0', retries: {'0': '0!0E~0'}, deadLetters: {open: '0'}");
        assertThat(broken()).containsExactly("ItemExpiredEarly");
    }

    private void linesAreCreated() {
        String lines = """
                {"path": "/1", "body": {"order":  1}}

                {"body": "two"}
                {"key": "o-3", "body": 30, "delay": "2s"}
                """;
        ObjectNode batch = json(batch("{}"));
        ObjectNode metadata = (ObjectNode) batch.path("metadata");
        metadata.put("uid", "lines");
        ((ObjectNode) batch.path("spec")).put("lines", lines).remove("count");
        stored("people", Fact.Change.Created, "TaskBatch", 0, batch.toString());
    }

    @Test
    void anItemIsSentWithItsOwnPathAndTheBytesOfItsLine() {
        linesAreCreated();
        uid = "lines";
        received(2.1, "a", 1, 0, 1, "/1", "{\"order\":  1}");
        received(2.1, "a", 2, 1, 1, "/", "two");
        received(2.1, "a", 3, 2, 1, "/", "30");
        assertThat(broken()).isEmpty();
    }

    @Test
    void anItemIsNotSentWithThePathOrTheBodyOfAnother() {
        linesAreCreated();
        uid = "lines";
        received(2.1, "a", 1, 0, 1, "/", "{\"order\":  1}");
        assertThat(broken()).containsExactly("ItemRequestWrong");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"order\":1}", "{\"order\":  2}", ""})
    void anItemIsNotSentWithAnotherBody(String body) {
        linesAreCreated();
        uid = "lines";
        received(2.1, "a", 1, 0, 1, "/1", body);
        assertThat(broken()).containsExactly("ItemRequestWrong");
    }

    private void letter(String line) {
        received(2.1, "a", 1, 0, 1);
        answered(2.2, 1, 404);
        told(2.3, "a", "failed: '0', retries: {'0': '0!404N~1'}, deadLetters: {open: '0'}");
        ObjectNode letters = json(batch("{}"));
        ObjectNode metadata = (ObjectNode) letters.path("metadata");
        metadata.put("uid", "letters").put("name", "b-dl-1");
        metadata.putObject("annotations").put("taskqueue.dev/batch-uid", "batch");
        ((ObjectNode) letters.path("spec")).put("lines", line).remove("count");
        stored("a", Fact.Change.Created, "TaskBatch", 2.4, letters.toString());
    }

    @Test
    void aDeadLetterHasWhatItsItemHad() {
        letter("{\"deadLetterOf\": {\"task\": \"b\", \"index\": 0}}");
        assertThat(broken()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"path\": \"/other\"", "\"key\": \"k\"", "\"body\": 5", "\"headers\": {\"X-A\": \"b\"}"})
    void aDeadLetterHasNothingElse(String field) {
        letter("{" + field + ", \"deadLetterOf\": {\"task\": \"b\", \"index\": 0}}");
        assertThat(broken()).containsExactly("ItemLetterWrong");
    }

    @Test
    void theOutcomeOfAnItemMayWaitForOthersBeforeItIsWritten() {
        received(2.1, "a", 1, 0, 1);
        answered(199, 1, 200);
        holdsAnOutcome();
        assertThat(broken()).doesNotContain("PoolNotEmpty");
    }

    @Test
    void theOutcomeOfAnItemDoesNotWaitForEver() {
        received(2.1, "a", 1, 0, 1);
        answered(2.2, 1, 200);
        holdsAnOutcome();
        assertThat(broken()).contains("PoolNotEmpty");
    }

    private void holdsAnOutcome() {
        oracle.observe(new Fact.Holds(time(200), "a", Map.of("pool:unwritten-items", 1L)));
    }
}
