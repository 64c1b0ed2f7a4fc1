package dev.taskqueue.operator.api;

import org.jspecify.annotations.Nullable;

/** How far the purge that {@code spec.purgeBefore} asks for has come. */
@Part
public record Purge(
        @Nullable String value,
        @Nullable String cutoffTime,
        @Nullable Integer remaining,
        @Nullable String completionTime) {}
