package dev.taskqueue.operator.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.Conditions;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Durations;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where a Task that the API server accepted must arrive: at its end, or in a state whose condition says what it waits for. Written from the
 * reference, not from the operator's code.
 */
final class TaskRules {
    private static final int LONGEST_MESSAGE = 256;
    /** After so many attempts a Task that waits for its next one has shown that it goes on. */
    private static final int SERIES = 5;

    static final Duration SOON = Duration.ofSeconds(4);
    private static final Set<String> ATTEMPT_REASONS =
            Arrays.stream(AttemptReason.values()).map(Enum::name).collect(Collectors.toSet());

    private static final Set<String> SUCCESS = names(Conditions.Reason.Delivered, Conditions.Reason.AlreadyCompleted);
    private static final Set<String> FAILURE = names(
            Conditions.Reason.RetriesExhausted,
            Conditions.Reason.NonRetryable,
            Conditions.Reason.Expired,
            Conditions.Reason.InvalidSpec,
            Conditions.Reason.AlreadyCompleted);
    static final Set<String> WAITING = names(
            Conditions.Reason.QueueNotFound,
            Conditions.Reason.TargetNotFound,
            Conditions.Reason.TargetRefused,
            Conditions.Reason.SourceNotFound,
            Conditions.Reason.TokenNotPermitted,
            Conditions.Reason.LimitExceeded,
            Conditions.Reason.NoReadyEndpoint,
            Conditions.Reason.QueuePaused,
            Conditions.Reason.QueueHeld);

    private TaskRules() {}

    private static Set<String> names(Conditions.Reason... reasons) {
        return EnumSet.copyOf(Arrays.asList(reasons)).stream().map(Enum::name).collect(Collectors.toSet());
    }

    /**
     * Where the Task has arrived, such as {@code Failed Expired}; empty while it is on its way.
     *
     * @param slow whether its queue may keep it waiting for its turn, because of a spec of its own
     */
    static Optional<String> settled(JsonNode task, Instant now, boolean slow) {
        JsonNode status = task.path("status");
        String state = status.path("state").asText();
        String reason = condition(status, "Succeeded").path("reason").asText();
        boolean arrived = switch (TaskState.valueOf(state)) {
            case Succeeded, Failed -> true;
            case Scheduled -> dueAfter(task, now.plus(SOON));
            case Queued -> WAITING.contains(reason) || (slow && reason.equals("Queued"));
            case BackingOff -> slow && after(status.path("nextAttemptTime"), isSeries(status) ? now : now.plus(SOON));
            case Pending, Dispatching -> false;
        };
        return arrived ? Optional.of(state + " " + reason) : Optional.empty();
    }

    /** Whether it fails again and again: its queue may allow a hundred attempts, with pauses that grow slowly. */
    private static boolean isSeries(JsonNode status) {
        return status.path("dispatchCount").asInt() >= SERIES;
    }

    private static boolean dueAfter(JsonNode task, Instant time) {
        JsonNode spec = task.path("spec");
        if (spec.has("scheduleTime")) {
            return after(spec.path("scheduleTime"), time);
        }
        Instant created = Instant.parse(task.at("/metadata/creationTimestamp").asText());
        return created.plus(Durations.parse(spec.path("delay").asText("0s"))).isAfter(time);
    }

    static boolean after(JsonNode text, Instant time) {
        try {
            return java.time.OffsetDateTime.parse(text.asText()).toInstant().isAfter(time);
        } catch (DateTimeException unreadable) {
            return false;
        }
    }

    /** What is wrong with a Task that has arrived; empty if its status is in order. */
    static Optional<String> wrong(JsonNode task) {
        JsonNode status = task.path("status");
        JsonNode succeeded = condition(status, "Succeeded");
        String state = status.path("state").asText();
        String expected = switch (state) {
            case "Succeeded" -> "True";
            case "Failed" -> "False";
            default -> "Unknown";
        };
        String reason = succeeded.path("reason").asText();
        if (!succeeded.path("status").asText().equals(expected)) {
            return Optional.of("condition Succeeded does not fit the state");
        }
        if ((expected.equals("True") && !SUCCESS.contains(reason))
                || (expected.equals("False") && !FAILURE.contains(reason))) {
            return Optional.of("condition Succeeded has no reason of its list");
        }
        boolean ended = !expected.equals("Unknown");
        if (ended != condition(status, "Finished").path("status").asText().equals("True")) {
            return Optional.of("condition Finished does not fit the state");
        }
        if (ended == status.path("completionTime").isMissingNode()) {
            return Optional.of("completionTime does not fit the state");
        }
        return wrongTexts(status).or(() -> wrongAttempts(status));
    }

    static Optional<String> wrongTexts(JsonNode status) {
        for (JsonNode condition : status.path("conditions")) {
            String message = condition.path("message").asText();
            // The others say all in their reason.
            boolean must = condition.path("type").asText().equals("Succeeded");
            if ((must && message.isBlank()) || isOdd(message)) {
                return Optional.of("the message of a condition is empty, too long or no plain text");
            }
        }
        String all = status.toString();
        return all.contains(FuzzWorld.SECRET) || all.contains("canary-body") || all.contains("canary-header")
                ? Optional.of("status shows a secret, a body or a header")
                : Optional.empty();
    }

    private static Optional<String> wrongAttempts(JsonNode status) {
        JsonNode last = status.path("lastAttempt");
        if (last.isMissingNode()) {
            return Optional.empty();
        }
        if (!ATTEMPT_REASONS.contains(last.path("reason").asText())
                || last.path("message").asText().isBlank()
                || isOdd(last.path("message").asText())) {
            return Optional.of("lastAttempt has no reason of its list, or no sentence");
        }
        return status.path("dispatchCount").asInt() < last.path("number").asInt()
                ? Optional.of("dispatchCount is lower than the number of the last attempt")
                : Optional.empty();
    }

    static boolean isOdd(String message) {
        return message.length() > LONGEST_MESSAGE
                || message.chars().anyMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT);
    }

    static JsonNode condition(JsonNode status, String type) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition;
            }
        }
        return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }
}
