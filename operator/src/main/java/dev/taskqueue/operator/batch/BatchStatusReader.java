package dev.taskqueue.operator.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.taskqueue.operator.api.Conditions;
import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.task.ActionValue;
import dev.taskqueue.operator.task.HandledAnnotations;
import dev.taskqueue.operator.task.Times;
import java.time.Instant;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the progress of a batch back from its status. Others may write status, too: a part of it that cannot be read, or that contradicts another part,
 * counts as absent.
 */
public final class BatchStatusReader {
    private final JsonNode status;
    private final BatchProgress progress;
    private final int total;

    private BatchStatusReader(JsonNode status, int total) {
        this.status = status;
        this.total = total;
        this.progress = new BatchProgress(total);
    }

    /**
     * Reads a status.
     *
     * @param total how many items the batch has; 0 if they cannot be read
     */
    public static BatchProgress read(JsonNode status, int total) {
        var reader = new BatchStatusReader(status, total);
        reader.readItems();
        reader.readTimes();
        reader.readAttempts();
        reader.readClaims();
        reader.readFailures();
        reader.readDeadLetters();
        reader.readRunNow();
        reader.readConditions();
        return reader.progress;
    }

    private void readItems() {
        ItemStates items = progress.items;
        BitSet succeeded = ranges(status.path("succeeded"));
        BitSet failed = ranges(status.path("failed"));
        BitSet skipped = ranges(status.path("skipped"));
        failed.andNot(succeeded);
        skipped.andNot(succeeded);
        skipped.andNot(failed);
        items.succeeded().or(succeeded);
        items.failed().or(failed);
        items.skipped().or(skipped);
    }

    private BitSet ranges(JsonNode text) {
        return IndexRanges.parse(text.textValue(), total).orElseGet(BitSet::new);
    }

    private void readTimes() {
        progress.revision = Math.max(0, status.path("revision").asLong());
        progress.round = Math.max(1, status.path("round").path("number").asInt(1));
        progress.roundStartedAt = time(status.path("round").path("startTime"));
        progress.startedAt = time(status.path("startTime"));
        progress.completedAt = time(status.path("completionTime"));
        progress.onFinishedTask = status.path("onFinishedTask").textValue();
        var handled = new HandledAnnotations(
                ActionValue.of(status.path("lastHandledRunNow").textValue()),
                ActionValue.of(status.path("lastHandledRedrive").textValue()),
                ActionValue.of(status.path("lastHandledQueueRedrive").textValue()));
        progress.handled = handled.equals(HandledAnnotations.NOTHING) ? HandledAnnotations.NOTHING : handled;
    }

    private static @Nullable Instant time(JsonNode text) {
        return Times.read(text.textValue()).orElse(null);
    }

    private void readAttempts() {
        ItemStates items = progress.items;
        var entries = new RetryEntries();
        long startMillis = BatchStatusWriter.startMillis(progress);
        for (JsonNode text : status.path("retries")) {
            entries.read(text.asText(), total, startMillis);
        }
        entries.waiting().forEach((index, retry) -> {
            if (!items.hasEnded(index)) {
                items.retries().put(index, retry);
            }
        });
        entries.ended().forEach((index, end) -> {
            if (items.failed().get(index) || items.skipped().get(index)) {
                items.endedItems().put(index, end);
            }
        });
    }

    private void readClaims() {
        for (JsonNode claim : status.path("claims")) {
            BitSet indexes = ranges(claim.path("indexes"));
            Instant dispatchedAt = time(claim.path("dispatchTime"));
            Instant deadline = time(claim.path("deadline"));
            indexes.andNot(progress.items.succeeded());
            indexes.andNot(progress.items.failed());
            indexes.andNot(progress.items.skipped());
            if (!indexes.isEmpty() && dispatchedAt != null && deadline != null) {
                progress.claims.add(new ItemClaim(
                        indexes, dispatchedAt, deadline, claim.path("holder").asText("")));
            }
        }
    }

    private void readFailures() {
        for (JsonNode failure : status.path("failures")) {
            int index = failure.path("index").asInt(-1);
            Instant at = time(failure.path("time"));
            if (index >= 0 && progress.items.failed().get(index) && progress.failures.size() < ItemFailure.MOST_SHOWN) {
                progress.failures.add(new ItemFailure(
                        index,
                        failure.path("key").textValue(),
                        failure.path("attempts").asInt(),
                        failure.hasNonNull("statusCode")
                                ? (Integer) failure.path("statusCode").asInt()
                                : null,
                        failure.path("reason").asText(),
                        failure.path("message").asText(),
                        at == null ? Instant.EPOCH : at));
            }
        }
    }

    private void readDeadLetters() {
        JsonNode deadLetters = status.path("deadLetters");
        progress.deadLettersCreated = Math.max(0, deadLetters.path("created").asInt());
        progress.openDeadLetters.or(ranges(deadLetters.path("open")));
        progress.openDeadLetters.and(progress.items.failed());
        progress.refusals.readDeadLetters(deadLetters.path("message").textValue());
    }

    private void readRunNow() {
        JsonNode runNow = status.path("runNow");
        progress.expedited.makeDue(time(runNow.path("dueTime")));
        progress.expedited.choose(ranges(runNow.path("indexes")));
        progress.expedited.remove(progress.items.ended());
    }

    /** Without condition Accepted no operator has written the conditions. */
    private void readConditions() {
        if (condition(Conditions.Type.Accepted).isMissingNode()) {
            return;
        }
        for (Conditions.Type type : Conditions.Type.values()) {
            JsonNode condition = condition(type);
            Instant since = time(condition.path("lastTransitionTime"));
            if (since != null) {
                progress.conditionTimes.put(type, condition.path("status").asText(), since);
            }
        }
        JsonNode finished = condition(Conditions.Type.Finished);
        for (Reason reason : BatchStop.REASONS) {
            if (reason.name().equals(finished.path("reason").textValue()) && isStop(reason, finished)) {
                boolean isSuccess = "True"
                        .equals(condition(Conditions.Type.Succeeded)
                                .path("status")
                                .textValue());
                progress.stop = new BatchStop(
                        reason,
                        reason == Reason.AlreadyCompleted && isSuccess,
                        finished.path("message").asText());
            }
        }
    }

    /** A batch whose items all expired by themselves has the reason, and was not stopped. */
    private static boolean isStop(Reason reason, JsonNode finished) {
        return reason != Reason.Expired || !finished.path("message").asText().isEmpty();
    }

    private JsonNode condition(Conditions.Type type) {
        for (JsonNode condition : status.path("conditions")) {
            if (type.name().equals(condition.path("type").textValue())) {
                return condition;
            }
        }
        return MissingNode.getInstance();
    }
}
