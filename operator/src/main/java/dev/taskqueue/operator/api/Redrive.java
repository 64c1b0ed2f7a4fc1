package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** How far the redrive of a whole queue has come. */
@Part
public record Redrive(
        @JsonPropertyDescription("""
                The value of the annotation taskqueue.dev/redrive that was acted on; the \
                same value is never acted on again. Example: after-fix-1.""") @Size(max = 262_144) @Nullable String value,

        @JsonPropertyDescription("""
                When the value was first seen, RFC 3339: Tasks that had failed by then are started again; Tasks \
                that fail later, or fail again, are not. Example: 2026-11-20T08:00:00.120Z.""") @TimeText @Nullable String startTime,

        @JsonPropertyDescription("""
                How many Failed Tasks are still to be started again; 0 once it is done. Example: 12.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer remaining,

        @JsonPropertyDescription("""
                When the last of them was started again, RFC 3339; absent while it goes on. Example: \
                2026-11-20T08:00:05Z.""") @TimeText @Nullable String completionTime) {}
