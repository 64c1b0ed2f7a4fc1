package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** An item that failed for good. */
@Part
public record BatchFailure(
        @JsonPropertyDescription("""
                The index of the item, from 0. Example: 42.""") @Min(0) @Max(BatchRules.MAX_INDEX) @Nullable Integer index,

        @JsonPropertyDescription("""
                The key of the item; absent where it has none. Example: o-42.""") @Size(max = 200) @Nullable String key,

        @JsonPropertyDescription("""
                How many attempts it had, over redrives. Example: 5.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer attempts,

        @JsonPropertyDescription("""
                HTTP status of its last answer; absent where none came. Example: 422.""") @Min(100) @Max(999) @Nullable Integer statusCode,

        @JsonPropertyDescription("""
                Why it failed for good: RetriesExhausted, NonRetryable or Expired. Example: NonRetryable.""") @Size(max = 64) @Nullable String reason,

        @JsonPropertyDescription("""
                The same in a sentence, at most 256 characters. Never holds what the handler answered. Example: The \
                handler answered 422, which the queue does not repeat.""") @Size(max = 256) @Nullable String message,

        @JsonPropertyDescription("""
                When it failed for good, RFC 3339. Example: 2026-11-20T08:00:12Z.""") @TimeText @Nullable String time) {}
