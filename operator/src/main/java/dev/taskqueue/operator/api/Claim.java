package dev.taskqueue.operator.api;

import org.jspecify.annotations.Nullable;

/** An attempt in flight, told before it ended: after a crash it counts, and no other operator repeats it before its deadline. */
@Part
public record Claim(
        @Nullable Integer attempt,
        @Nullable String scheduleTime,
        @Nullable String dispatchTime,
        @Nullable String deadline,
        @Nullable String holder) {}
