package dev.taskqueue.operator.batch;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An item that failed for good, as {@code status.failures} shows it.
 *
 * @param key the producer's name for the item; null if it has none
 * @param attempts attempts over the whole life of the item
 * @param statusCode of the last answer; null if none came
 * @param reason why it failed for good
 * @param message the same in a sentence
 */
public record ItemFailure(
        int index,
        @Nullable String key,
        int attempts,
        @Nullable Integer statusCode,
        String reason,
        String message,
        Instant at) {
    /** So many failures of a batch are told one by one. */
    static final int MOST_SHOWN = 50;
}
