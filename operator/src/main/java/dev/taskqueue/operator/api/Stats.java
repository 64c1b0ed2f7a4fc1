package dev.taskqueue.operator.api;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts of a queue, a few seconds old at most times. */
@Part
public record Stats(
        @Nullable Integer tasks,
        @Nullable Integer scheduled,
        @Nullable Integer queued,
        @Nullable Integer dispatching,
        @Nullable Integer backingOff,
        @Nullable Integer failedRetained,
        @Nullable String oldestDueTime,
        @Nullable Integer executedLastMinute,
        @Nullable Quantity enforcedDispatchesPerSecond,
        @Nullable Map<String, Integer> waiting) {}
