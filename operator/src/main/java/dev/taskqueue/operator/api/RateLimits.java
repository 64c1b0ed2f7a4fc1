package dev.taskqueue.operator.api;

import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/** How fast a queue dispatches, and how much at once. */
@Part
public record RateLimits(
        @Nullable Quantity maxDispatchesPerSecond,
        @Nullable Integer maxBurstSize,
        @Nullable Integer maxConcurrentDispatches) {}
