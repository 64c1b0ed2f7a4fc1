package dev.taskqueue.operator.task;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.taskqueue.operator.api.Attempt;
import dev.taskqueue.operator.api.Claim;
import dev.taskqueue.operator.api.FirstAttempt;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.engine.DeliveryStatus;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Writes the part of a status patch that is about attempts: their counts, the last ones, and the claim of the one in flight. */
final class AttemptJson {
    private AttemptJson() {}

    static void writeHistory(JsonGenerator json, AttemptHistory history) throws IOException {
        AttemptRecord last = history.last();
        if (last == null) {
            return;
        }
        json.writeNumberField("dispatchCount", history.dispatches());
        json.writeNumberField("responseCount", history.responses());
        json.writeNumberField("executionCount", history.executions());
        json.writeFieldName("lastAttempt");
        if (history.dispatches() > 1) {
            // With nulls: a field that the attempt before had and this one has not is removed.
            json.writeTree(TaskJson.withNulls(attempt(last)));
        } else {
            json.writePOJO(attempt(last));
        }
        if (history.round() > 1) {
            json.writeObjectFieldStart("round");
            json.writeNumberField("attempts", history.roundAttempts());
            json.writeEndObject();
        }
        if (history.dispatches() > 1) {
            writeFirstAttempt(json, history.firstDispatchAt());
            json.writeArrayFieldStart("attempts");
            for (AttemptRecord attempt : history.recent()) {
                json.writePOJO(attempt(attempt));
            }
            json.writeEndArray();
        }
    }

    /** There is no first attempt after a redrive until a request has left, or if others wrote a status without it. */
    private static void writeFirstAttempt(JsonGenerator json, @Nullable Instant dispatchedAt) throws IOException {
        if (dispatchedAt == null) {
            json.writeNullField("firstAttempt");
        } else {
            json.writePOJOField("firstAttempt", new FirstAttempt(Times.format(dispatchedAt)));
        }
    }

    private static Attempt attempt(AttemptRecord attempt) {
        Instant respondedAt = attempt.respondedAt();
        return new Attempt(
                attempt.number(),
                Times.format(attempt.scheduledAt()),
                Times.format(attempt.dispatchedAt()),
                respondedAt == null ? null : Times.format(respondedAt),
                attempt.statusCode(),
                attempt.reason().name(),
                TaskConditions.cut(attempt.message()),
                null);
    }

    static void writeClaim(JsonGenerator json, DeliveryStatus.Dispatching attempt, String holder) throws IOException {
        json.writeFieldName("claim");
        json.writeTree(TaskJson.withNulls(new Claim(
                attempt.before().dispatches() + 1,
                Times.format(attempt.scheduledAt()),
                Times.format(attempt.dispatchedAt()),
                Times.format(attempt.deadlineAt()),
                holder)));
    }
}
