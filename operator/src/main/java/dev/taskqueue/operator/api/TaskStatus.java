package dev.taskqueue.operator.api;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the operator tells of a Task. */
@Part
public record TaskStatus(
        @Nullable Long observedGeneration,
        @Nullable TaskState state,
        @Nullable List<Condition> conditions,
        @Nullable Integer dispatchCount,
        @Nullable Integer responseCount,
        @Nullable Integer executionCount,
        @Nullable String lastHandledRunNow,
        @Nullable String lastHandledRedrive,
        @Nullable String nextAttemptTime,
        @Nullable Attempt lastAttempt,
        @Nullable FirstAttempt firstAttempt,
        @Nullable List<Attempt> attempts,
        @Nullable Round round,
        @Nullable Claim claim,
        @Nullable String completionTime) {}
