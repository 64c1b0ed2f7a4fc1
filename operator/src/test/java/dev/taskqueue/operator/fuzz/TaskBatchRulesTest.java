package dev.taskqueue.operator.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TaskBatchRulesTest {
    private static final Instant NOW = Instant.parse("2026-11-20T08:00:00Z");

    private static JsonNode batch(String queue, String status) {
        return FuzzWorld.json(
                "{metadata: {uid: u}, spec: {queueRef: {name: %s}, count: 2}, status: %s}".formatted(queue, status));
    }

    private static String status(String state, String condition, String more) {
        return "{state: %s, observedGeneration: 1, conditions: [{type: Succeeded, message: It is so., %s}]%s}"
                .formatted(state, condition, more);
    }

    @Test
    void aBatchThatNothingKeepsWaitingIsOnItsWay() {
        String pending = status("Pending", "status: Unknown, reason: Pending", "");
        assertThat(TaskBatchRules.settled(batch("orders", pending), NOW, false)).isEmpty();
        assertThat(TaskBatchRules.settled(batch("paused", pending), NOW, false)).contains("Pending Pending");
    }

    @Test
    void aBatchIsAtItsPlaceOnceAnOperatorHasReportedOnIt() {
        String missing = status("Pending", "status: Unknown, reason: QueueNotFound", "");
        assertThat(TaskBatchRules.settled(batch("missing", missing), NOW, false))
                .contains("Pending QueueNotFound");
        assertThat(TaskBatchRules.settled(batch("missing", missing.replace("observedGeneration: 1, ", "")), NOW, false))
                .isEmpty();
    }

    @Test
    void countsAndRangesAgreeAndEveryItemHasEndedInTheEnd() {
        String ended =
                ", {type: Finished, status: 'True', message: It is so.}], completionTime: '2026-11-20T08:00:00Z'";
        String condition = "status: 'False', reason: ItemsFailed";
        assertThat(wrong(status("Failed", condition, "").replace("}]", "}" + ended), "1", "1"))
                .isEmpty();
        assertThat(wrong(status("Failed", condition, "").replace("}]", "}" + ended), "1", "0-1"))
                .contains("counts.failed is not as many as failed names");
        assertThat(wrong(status("Failed", condition, "").replace("}]", "}" + ended), "0", "''"))
                .contains("1 of 2 items have ended");
    }

    private static Optional<String> wrong(String status, String count, String failed) {
        String counts =
                ", counts: {total: 2, succeeded: 1, failed: " + count + "}, succeeded: '0', failed: " + failed + "}";
        return TaskBatchRules.wrong(batch("orders", status.substring(0, status.length() - 1) + counts));
    }
}
