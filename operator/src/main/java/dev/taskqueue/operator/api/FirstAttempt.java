package dev.taskqueue.operator.api;

import org.jspecify.annotations.Nullable;

/** When the first attempt of the current round left: the retry duration counts from there. */
@Part
public record FirstAttempt(@Nullable String dispatchTime) {}
