package dev.taskqueue.operator.api;

import org.jspecify.annotations.Nullable;

/** One key of a Secret or ConfigMap of the same namespace. */
@Part
public record KeyRef(@Nullable String name, @Nullable String key) {}
