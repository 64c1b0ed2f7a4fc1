package dev.taskqueue.operator.domain;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One attempt as {@code status} shows it.
 *
 * @param number 1-based over the whole life of the Task, redrives included
 * @param scheduledAt when it was due
 * @param dispatchedAt when the request left
 * @param respondedAt when the answer, or its failure, was known; null if the operator died before
 * @param statusCode null if no answer came
 * @param snippet the beginning of the answer's text; null unless the queue records it
 */
public record AttemptRecord(
        int number,
        Instant scheduledAt,
        Instant dispatchedAt,
        @Nullable Instant respondedAt,
        @Nullable Integer statusCode,
        AttemptReason reason,
        String message,
        @Nullable ResponseSnippet snippet) {
    /** An attempt whose answer was not recorded. */
    public AttemptRecord(
            int number,
            Instant scheduledAt,
            Instant dispatchedAt,
            @Nullable Instant respondedAt,
            @Nullable Integer statusCode,
            AttemptReason reason,
            String message) {
        this(number, scheduledAt, dispatchedAt, respondedAt, statusCode, reason, message, null);
    }
}
