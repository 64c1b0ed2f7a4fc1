package dev.taskqueue.operator.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** When a failed attempt is repeated, and when the Task fails for good. */
@Part
public record Retry(
        @Nullable Integer maxAttempts,
        @Nullable String maxRetryDuration,
        @Nullable GiveUp giveUp,
        @Nullable String minBackoff,
        @Nullable String maxBackoff,
        @Nullable Integer maxDoublings,
        @Nullable Integer jitterPercent,
        @Nullable List<Integer> nonRetryableStatusCodes) {}
