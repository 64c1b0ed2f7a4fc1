package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** An attempt in flight. After a crash it counts as an attempt, and no other operator repeats it before its deadline. */
@Part
public record Claim(
        @JsonPropertyDescription("""
                Number of the attempt in flight. Example: 3.""") @Min(1) @Max(Integer.MAX_VALUE) @Nullable Integer attempt,

        @JsonPropertyDescription("""
                When it was due, RFC 3339. Example: 2026-11-20T08:00:00Z.""") @TimeText @Nullable String scheduleTime,

        @JsonPropertyDescription("""
                When its request left, RFC 3339. Example: 2026-11-20T08:00:00.012Z.""") @TimeText @Nullable String dispatchTime,

        @JsonPropertyDescription("""
                Until when its handler may answer, RFC 3339; before it nobody sends the Task again. Example: \
                2026-11-20T08:10:00.012Z.""") @TimeText @Nullable String deadline,

        @JsonPropertyDescription("""
                The operator process that sent it. Example: taskqueue-operator-6d5f-x2k4p.""") @Size(max = 253) @Nullable String holder) {}
