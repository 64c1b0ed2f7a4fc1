package dev.taskqueue.operator.api;

import org.jspecify.annotations.Nullable;

/** Where a dead letter comes from. Whoever may create Tasks can write this, so it is no proof. */
@Part
public record DeadLetterOf(
        @Nullable String queue,
        @Nullable String task,
        @Nullable String uid,
        @Nullable String reason,
        @Nullable Integer attempts,
        @Nullable Integer statusCode) {}
