package dev.taskqueue.operator.api;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the operator tells of a TaskQueue. */
@Part
public record TaskQueueStatus(
        @Nullable Long observedGeneration,
        @Nullable List<Condition> conditions,
        @Nullable QueueState state,
        @Nullable Purge purge,
        @Nullable Redrive redrive,
        @Nullable Stats stats) {}
