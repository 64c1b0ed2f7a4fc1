package dev.taskqueue.gateway.mapping;

import dev.taskqueue.gateway.failure.RpcFailure;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a queue, {@code projects/P/locations/L/queues/Q}.
 *
 * @param id as the caller writes it; capitals are allowed
 */
public record QueueName(LocationName location, String id) {
    private static final Pattern FORM = Pattern.compile("(" + LocationName.PATTERN + ")/queues/([A-Za-z0-9-]{1,100})");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    /** Reads a name; {@code field} is the field that has it. */
    public static QueueName parse(String name, String field) {
        Matcher parts = FORM.matcher(name);
        if (!parts.matches()) {
            throw RpcFailure.invalidName(
                    "Queue name must be formatted: \"projects/<PROJECT_ID>/locations/<LOCATION_ID>/queues/<QUEUE_ID>\"; "
                            + field + " is \"" + ShownText.text(name) + "\".");
        }
        var queue = new QueueName(LocationName.parse(parts.group(1), field), parts.group(4));
        if (!LABEL.matcher(queue.object()).matches()) {
            throw RpcFailure.invalidName("Queue name must be formatted: the queue ID \"" + queue.id
                    + "\" becomes the name of a TaskQueue, so it has at most 63 characters and no \"-\" at its ends.");
        }
        return queue;
    }

    /** The name of the TaskQueue. */
    public String object() {
        return id.toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return location + "/queues/" + id;
    }
}
