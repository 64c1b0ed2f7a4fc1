package dev.taskqueue.operator.api;

import org.jspecify.annotations.Nullable;

/** Where the failed Tasks of a queue go on. */
@Part
public record DeadLetter(@Nullable QueueRef queueRef) {}
