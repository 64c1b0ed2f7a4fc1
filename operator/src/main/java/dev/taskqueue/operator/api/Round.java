package dev.taskqueue.operator.api;

import org.jspecify.annotations.Nullable;

/** What was started anew by the last redrive. */
@Part
public record Round(
        @Nullable Integer number,
        @Nullable String startTime,
        @Nullable Integer attempts) {}
