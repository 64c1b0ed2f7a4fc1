package dev.taskqueue.operator.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What an operator makes of a Task in a {@link History}: the headers of its requests, and the status after an attempt. */
final class HistoryTask {
    private HistoryTask() {}

    static Map<String, String> headers(ObjectNode task, QueueSpec queue, int number) {
        Map<String, String> headers = new HashMap<>();
        TaskStatus status = TaskStatus.of(task.get("status"));
        headers.put("idempotency-key", task.at("/metadata/uid").asText());
        headers.put("taskqueue-namespace", task.at("/metadata/namespace").asText());
        headers.put("taskqueue-attempt", "" + number);
        headers.put("taskqueue-max-attempts", "" + queue.retry().maxAttempts());
        headers.put("x-cloudtasks-queuename", task.at("/spec/queueRef/name").asText());
        headers.put("x-cloudtasks-taskname", task.at("/metadata/name").asText());
        headers.put("x-cloudtasks-taskretrycount", "" + (number - 1));
        headers.put("x-cloudtasks-taskexecutioncount", "" + (number == 1 ? 0 : status.roundExecutions()));
        if (number > 1 && status.last() != null && status.last().code() > 0) {
            headers.put("x-cloudtasks-taskpreviousresponse", "" + status.last().code());
        }
        if (task.at("/spec/deadLetterOf").isObject()) {
            for (String field : List.of("queue", "task", "reason")) {
                headers.put(
                        "taskqueue-deadletter-" + field,
                        task.at("/spec/deadLetterOf/" + field).asText());
            }
        }
        return headers;
    }

    /** Notes the values of annotations that the writer of a status has seen. */
    static void noteOrders(ObjectNode task) {
        JsonNode annotations = task.at("/metadata/annotations");
        ObjectNode status = task.withObject("/status");
        String runNow = Annotations.noted(annotations, Annotations.RUN_NOW);
        if (runNow != null) {
            status.put("lastHandledRunNow", runNow);
        }
        String redrive = Annotations.noted(annotations, Annotations.REDRIVE);
        if (redrive != null) {
            status.put("lastHandledRedrive", redrive);
        }
    }

    /** Counts one attempt more; a code of 0 stands for a broken connection. */
    static void outcome(ObjectNode status, String state, int code, QueueSpec.Retry retry, Instant now) {
        int number = status.path("dispatchCount").asInt() + 1;
        int answered = code > 0 ? 1 : 0;
        int executed = code > 0 && code / 100 != 5 ? 1 : 0;
        add(status, "dispatchCount", 1);
        add(status, "responseCount", answered);
        add(status, "executionCount", executed);
        int attempts = number;
        if (status.get("round") instanceof ObjectNode round) {
            add(round, "attempts", 1);
            add(round, "responses", answered);
            add(round, "executions", executed);
            attempts = round.get("attempts").asInt();
        }
        ObjectNode last = status.putObject("lastAttempt").put("number", number).put("reason", reason(code));
        if (code > 0) {
            last.put("statusCode", code);
        }
        status.remove(List.of("claim", "nextAttemptTime"));
        if (state.equals("BackingOff")) {
            last.put("responseTime", now.toString());
            status.put(
                    "nextAttemptTime", now.plusNanos(retry.interval(attempts)).toString());
        }
    }

    private static void add(ObjectNode counts, String field, int much) {
        counts.put(field, counts.path(field).asInt() + much);
    }

    private static String reason(int code) {
        return switch (code) {
            case 0 -> "ConnectionClosed";
            case 429 -> "TooManyRequests";
            case 503 -> "Unavailable";
            default ->
                List.of("UnexpectedStatus", "", "Delivered", "Redirect", "ClientError", "ServerError")
                        .get(code / 100);
        };
    }
}
