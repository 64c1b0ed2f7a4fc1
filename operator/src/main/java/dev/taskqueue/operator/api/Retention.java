package dev.taskqueue.operator.api;

import org.jspecify.annotations.Nullable;

/** How long Tasks stay after their end, and how long they may take to get there. */
@Part
public record Retention(
        @Nullable String succeeded,
        @Nullable String failed,
        @Nullable Integer maxSucceeded,
        @Nullable Integer maxFailed,
        @Nullable String unfinished) {}
