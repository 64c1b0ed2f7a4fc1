package dev.taskqueue.operator.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.api.BatchState;
import dev.taskqueue.operator.api.Conditions.Reason;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where a TaskBatch that the API server accepted must arrive: at its end, or in a state that says what it waits for. Written from the reference, not from
 * the operator's code.
 */
final class TaskBatchRules {
    private static final Set<String> SUCCESS = names(Reason.Delivered, Reason.AlreadyCompleted);
    private static final Set<String> FAILURE = names(
            Reason.ItemsFailed,
            Reason.TooManyFailed,
            Reason.Cancelled,
            Reason.Expired,
            Reason.InvalidSpec,
            Reason.AlreadyCompleted);
    private static final Set<String> ITEM_FAILURE = names(Reason.RetriesExhausted, Reason.NonRetryable, Reason.Expired);

    private TaskBatchRules() {}

    private static Set<String> names(Reason... reasons) {
        return Stream.of(reasons).map(Enum::name).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Where the batch has arrived, such as {@code Failed InvalidSpec}; empty while it is on its way.
     *
     * @param slow whether its queue may keep it waiting for its turn, because of a spec of its own
     */
    static Optional<String> settled(JsonNode batch, Instant now, boolean slow) {
        JsonNode status = batch.path("status");
        BatchState state = BatchState.valueOf(status.path("state").asText());
        String reason = reason(status);
        boolean isLater = TaskRules.after(status.path("nextAttemptTime"), now.plus(TaskRules.SOON));
        boolean arrived = switch (state) {
            case Succeeded, Failed -> true;
            case Scheduled -> isLater || TaskRules.WAITING.contains(reason) || stays(batch);
            case Pending, Running -> slow || isLater || TaskRules.WAITING.contains(reason) || stays(batch);
            case Finishing -> false;
        };
        return arrived && status.has("observedGeneration") ? Optional.of(state + " " + reason) : Optional.empty();
    }

    private static String reason(JsonNode status) {
        return TaskRules.condition(status, "Succeeded").path("reason").asText();
    }

    /** Whether somebody keeps its items or its queue from going on. */
    private static boolean stays(JsonNode batch) {
        return batch.at("/metadata/annotations").has(Annotations.HOLD)
                || RequestRules.NOT_RUNNING.contains(
                        batch.at("/spec/queueRef/name").asText());
    }

    /** What is wrong with a batch that has arrived; empty if its status is in order. */
    static Optional<String> wrong(JsonNode batch) {
        JsonNode status = batch.path("status");
        String state = status.path("state").asText();
        String expected = switch (state) {
            case "Succeeded" -> "True";
            case "Failed" -> "False";
            default -> "Unknown";
        };
        String reason = reason(status);
        boolean ended = !expected.equals("Unknown");
        if (!TaskRules.condition(status, "Succeeded").path("status").asText().equals(expected)) {
            return Optional.of("condition Succeeded does not fit the state");
        }
        if ((expected.equals("True") && !SUCCESS.contains(reason))
                || (expected.equals("False") && !FAILURE.contains(reason))) {
            return Optional.of("condition Succeeded has no reason of its list");
        }
        boolean finished =
                TaskRules.condition(status, "Finished").path("status").asText().equals("True");
        if (ended != finished || ended == status.path("completionTime").isMissingNode()) {
            return Optional.of("condition Finished or completionTime does not fit the state");
        }
        return TaskRules.wrongTexts(status).or(() -> wrongCounts(status)).or(() -> wrongFailures(status));
    }

    private static Optional<String> wrongCounts(JsonNode status) {
        JsonNode counts = status.path("counts");
        int ended = 0;
        for (String what : Set.of("succeeded", "failed", "skipped")) {
            int count = counts.path(what).asInt();
            if (count != Ranges.read(status.path(what).asText()).cardinality()) {
                return Optional.of("counts." + what + " is not as many as " + what + " names");
            }
            ended += count;
        }
        int total = counts.path("total").asInt();
        boolean isWhole = ended == total || reason(status).matches("InvalidSpec|AlreadyCompleted");
        if (ended > total || (status.has("completionTime") && !isWhole)) {
            return Optional.of(ended + " of " + total + " items have ended");
        }
        boolean isAll = counts.path("succeeded").asInt() == total;
        return reason(status).equals("Delivered") && !isAll
                ? Optional.of("it is Delivered, and not every item has succeeded")
                : Optional.empty();
    }

    private static Optional<String> wrongFailures(JsonNode status) {
        for (JsonNode failure : status.path("failures")) {
            if (!ITEM_FAILURE.contains(failure.path("reason").asText())
                    || failure.path("message").asText().isBlank()
                    || TaskRules.isOdd(failure.path("message").asText())) {
                return Optional.of("a failure has no reason of its list, or no sentence");
            }
        }
        return Optional.empty();
    }
}
