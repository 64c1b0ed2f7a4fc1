package dev.taskqueue.operator.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules for the status, the dead letters and the deletion of a batch. */
class BatchStatusRulesTest extends BatchHistory {
    /** All items have failed, and status says so. */
    private void allFailed() {
        for (int index = 0; index < 3; index++) {
            received(2.1, "a", index, index, 1);
            answered(2.2, index, 404);
        }
        told(
                2.3,
                "a",
                "failed: '0-2', retries: {'0': '0!404N~1 1!404N~1 2!404N~1'}, deadLetters: {open: '0-2'},"
                        + " state: 'Finishing'");
    }

    /** Process {@code a} creates the dead letter of one item. */
    private void passedOn(int number, double sent, double at) {
        stored("a", Fact.Change.Created, "TaskBatch", sent, at, """
                {metadata: {namespace: 'shop', name: 'b-dl-%d', uid: 'letters-%d', creationTimestamp: '2026-11-20T08:00:00Z',
                            annotations: {'taskqueue.dev/batch-uid': 'batch'}},
                 spec: {queueRef: {name: 'dead'}, items: [{deadLetterOf: {index: %d}}]}}
                """.formatted(number, number, number));
    }

    @Test
    void deadLettersAreCountedFromTheirDeparture() {
        allFailed();
        passedOn(0, 2.5, 6);
        passedOn(1, 7.6, 7.6);
        assertThat(broken()).doesNotContain("ItemLettersTooSoon");
    }

    @Test
    void deadLettersFollowEachOtherSlowly() {
        allFailed();
        passedOn(0, 2.5, 2.5);
        passedOn(1, 6, 6);
        assertThat(broken()).contains("ItemLettersTooSoon");
    }

    /** The batch ends, is purged, and process {@code a} deletes it. */
    private void purgedAtItsEnd(double sent, double at) {
        stored("people", Fact.Change.Changed, "TaskQueue", 2.5, """
                {metadata: {namespace: 'shop', name: 'q', uid: 'queue', generation: 2, creationTimestamp: '2026-11-20T08:00:00Z'},
                 spec: {purgeBefore: '2026-11-20T08:00:02Z'}}
                """);
        told(4, "a", "succeeded: '0-2', state: 'Succeeded', completionTime: '2026-11-20T08:00:04Z'");
        stored("a", Fact.Change.Deleted, "TaskBatch", sent, at, batch("{}"));
    }

    @Test
    void aPurgeThatLeavesBeforeTheEndDeletesTheBatch() {
        purgedAtItsEnd(3.9, 4.5);
        assertThat(broken()).doesNotContain("BatchDeletedEarly");
    }

    @Test
    void aPurgeLeavesABatchThatHasEnded() {
        purgedAtItsEnd(12, 12);
        assertThat(broken()).contains("BatchDeletedEarly");
    }

    /** Half a minute after a retry, more than two minutes after the batch was created. */
    private List<String> brokenLater(String limits) {
        stored("people", Fact.Change.Changed, "TaskQueue", 1, """
                {metadata: {namespace: 'shop', name: 'q', uid: 'queue', generation: 2, creationTimestamp: '2026-11-20T08:00:00Z'},
                 spec: {rateLimits: {%s}, retry: {maxAttempts: -1}}}
                """.formatted(limits));
        maxAttempts = "-1";
        received(200, "a", 1, 0, 1);
        answered(200.1, 1, 200);
        told(200.5, "a", "succeeded: '0'");
        received(399, "a", 2, 1, 1);
        return oracle.end(time(400)).stream().map(Violation::rule).distinct().toList();
    }

    @Test
    void aBatchThatWaitsThoughNothingHindersItIsStuck() {
        assertThat(brokenLater("maxDispatchesPerSecond: '50'")).contains("BatchStuck");
    }

    @Test
    void aBatchBehindABacklogIsNotStuck() {
        assertThat(brokenLater("maxDispatchesPerSecond: '0.005'")).doesNotContain("BatchStuck");
    }

    @Test
    void progressTellsHowManyHaveEnded() {
        told(2.3, "a", "skipped: '1-2', progress: '0/3'");
        assertThat(broken()).contains("BatchProgressWrong");
    }
}
