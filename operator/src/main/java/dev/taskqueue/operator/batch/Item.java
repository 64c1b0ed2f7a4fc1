package dev.taskqueue.operator.batch;

import dev.taskqueue.operator.api.DeadLetterOf;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One item of a batch: what it replaces of the template. A null stands for what the template, or the batch, says.
 *
 * @param key the producer's name for it
 * @param headers over the template's; empty = none
 * @param body as it is sent
 * @param isJson whether the body was written as a JSON value, so that it has a Content-Type
 * @param scheduleTime its own time
 * @param delay its own delay from the creation of the batch
 * @param deadLetterOf what failed, if the item is a dead letter
 */
public record Item(
        @Nullable String key,
        @Nullable String path,
        Map<String, String> headers,
        @SuppressWarnings("ArrayRecordComponent") byte @Nullable [] body, // shared, and never compared
        boolean isJson,
        @Nullable String scheduleTime,
        @Nullable String delay,
        @Nullable DeadLetterOf deadLetterOf) {
    /** An item that replaces nothing. */
    static final Item PLAIN = new Item(null, null, Map.of(), null, false, null, null, null);

    /** Without its contents: headers and body may be private, and what is printed ends in logs. */
    @Override
    public String toString() {
        return "Item[...]";
    }
}
