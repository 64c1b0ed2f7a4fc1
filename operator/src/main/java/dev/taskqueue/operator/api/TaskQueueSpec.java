package dev.taskqueue.operator.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a TaskQueue asks for. */
@Part
public record TaskQueueSpec(
        @Nullable RunState state,
        @Nullable RateLimits rateLimits,
        @Nullable Retry retry,
        @Nullable HttpTarget httpTarget,
        @Nullable String dispatchDeadline,
        @Nullable List<HeaderFamily> headerFamilies,
        @Nullable Throttling throttling,
        @Nullable Retention retention,
        @Nullable DeadLetter deadLetter,
        @Nullable String purgeBefore) {}
