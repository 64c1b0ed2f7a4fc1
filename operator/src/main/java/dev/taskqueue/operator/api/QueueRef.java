package dev.taskqueue.operator.api;

import org.jspecify.annotations.Nullable;

/** A TaskQueue of the same namespace. */
@Part
public record QueueRef(@Nullable String name) {}
