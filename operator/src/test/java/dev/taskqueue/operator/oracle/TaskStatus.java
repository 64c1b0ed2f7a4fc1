package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.QueueSpec.child;
import static dev.taskqueue.operator.oracle.Values.number;
import static dev.taskqueue.operator.oracle.Values.text;
import static dev.taskqueue.operator.oracle.Values.textOrNull;
import static dev.taskqueue.operator.oracle.Values.time;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** The stored status of a Task. Counts of the round are those since the last redrive. */
record TaskStatus(
        String state,
        String reason,
        String accepted,
        boolean finished,
        int dispatches,
        int responses,
        int executions,
        int round,
        int roundAttempts,
        int roundResponses,
        int roundExecutions,
        long nextAttempt,
        long completed,
        @Nullable String handledRunNow,
        @Nullable String handledRedrive,
        @Nullable Last last,
        @Nullable Claim claim) {
    /** The last attempt that ended. */
    record Last(int number, int code, String reason) {}

    /** The attempt in flight, by the process that sent it. */
    record Claim(int attempt, long deadline, String holder) {}

    static final TaskStatus NONE = of(null);

    static TaskStatus of(@Nullable JsonNode status) {
        JsonNode round = child(status, "round");
        int dispatches = number(status, "dispatchCount", 0);
        int responses = number(status, "responseCount", 0);
        int executions = number(status, "executionCount", 0);
        JsonNode last = child(status, "lastAttempt");
        JsonNode claim = child(status, "claim");
        JsonNode succeeded = condition(status, "Succeeded");
        JsonNode accepted = condition(status, "Accepted");
        return new TaskStatus(
                status == null ? "Pending" : text(status, "state").isEmpty() ? "Pending" : text(status, "state"),
                text(succeeded, "reason"),
                "False".equals(text(accepted, "status")) ? text(accepted, "reason") : "",
                "True".equals(text(condition(status, "Finished"), "status")),
                dispatches,
                responses,
                executions,
                number(round, "number", 1),
                round == null ? dispatches : number(round, "attempts", 0),
                round == null ? responses : number(round, "responses", 0),
                round == null ? executions : number(round, "executions", 0),
                time(status, "nextAttemptTime", Values.ALWAYS),
                time(status, "completionTime", Values.ALWAYS),
                textOrNull(status, "lastHandledRunNow"),
                textOrNull(status, "lastHandledRedrive"),
                last == null
                        ? null
                        : new Last(number(last, "number", 0), number(last, "statusCode", 0), text(last, "reason")),
                claim == null || number(claim, "attempt", 0) == 0
                        ? null
                        : new Claim(
                                number(claim, "attempt", 0),
                                time(claim, "deadline", Values.NEVER),
                                text(claim, "holder")));
    }

    private static @Nullable JsonNode condition(@Nullable JsonNode status, String type) {
        JsonNode conditions = child(status, "conditions");
        if (conditions != null) {
            for (JsonNode condition : conditions) {
                if (type.equals(text(condition, "type"))) {
                    return condition;
                }
            }
        }
        return null;
    }

    boolean succeeded() {
        return state.equals("Succeeded");
    }

    boolean failed() {
        return state.equals("Failed");
    }

    boolean ended() {
        return succeeded() || failed();
    }

    /** The number in the whole life of the Task that attempt {@code header} of this round has. */
    int overall(int header) {
        return dispatches - roundAttempts + header;
    }
}
