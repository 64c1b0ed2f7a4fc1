package dev.taskqueue.operator.api;

import org.jspecify.annotations.Nullable;

/** One attempt that has ended. */
@Part
public record Attempt(
        @Nullable Integer number,
        @Nullable String scheduleTime,
        @Nullable String dispatchTime,
        @Nullable String responseTime,
        @Nullable Integer statusCode,
        @Nullable String reason,
        @Nullable String message) {}
