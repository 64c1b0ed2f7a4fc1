package dev.taskqueue.operator.api;

import org.jspecify.annotations.Nullable;

/** How far the redrive of a whole queue has come. */
@Part
public record Redrive(
        @Nullable String value,
        @Nullable Integer remaining,
        @Nullable String completionTime) {}
