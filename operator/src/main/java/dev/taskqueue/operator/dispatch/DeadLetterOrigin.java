package dev.taskqueue.operator.dispatch;

import dev.taskqueue.operator.domain.HeaderRules;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The origin of a dead letter, for the headers that its handler gets. Anybody who may create Tasks may have written it, so values that a header
 * cannot carry are left out. Null = unknown.
 *
 * @param queue in which the Task failed
 * @param task that failed
 * @param reason why it failed for good
 * @param attempts it had
 * @param statusCode of its last answer
 */
public record DeadLetterOrigin(
        @Nullable String queue,
        @Nullable String task,
        @Nullable String reason,
        @Nullable Integer attempts,
        @Nullable Integer statusCode) {

    /** The headers with the origin. A user's own headers cannot have these names. */
    public Map<String, String> headers() {
        var headers = new TreeMap<String, String>();
        put(headers, "TaskQueue-DeadLetter-Queue", queue);
        put(headers, "TaskQueue-DeadLetter-Task", task);
        put(headers, "TaskQueue-DeadLetter-Reason", reason);
        put(headers, "TaskQueue-DeadLetter-Attempts", text(attempts));
        put(headers, "TaskQueue-DeadLetter-Status-Code", text(statusCode));
        return headers;
    }

    private static @Nullable String text(@Nullable Integer number) {
        return number == null ? null : String.valueOf(number);
    }

    private static void put(Map<String, String> headers, String name, @Nullable String value) {
        if (value != null
                && !value.isEmpty()
                && HeaderRules.checkValue(name, value).isEmpty()) {
            headers.put(name, value);
        }
    }
}
