package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** The counts since the last redrive. */
@Part
public record Round(
        @JsonPropertyDescription("""
                How often the Task was started again, plus one. Example: 2.""") @Min(1) @Max(Integer.MAX_VALUE) @Nullable Integer number,

        @JsonPropertyDescription("""
                When it was started again, RFC 3339. Example: 2026-11-20T09:00:00Z.""") @TimeText @Nullable String startTime,

        @JsonPropertyDescription("""
                Attempts since then; the queue's retry.maxAttempts counts these. Example: 1.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer attempts,

        @JsonPropertyDescription("""
                Attempts since then that got an HTTP answer; the header X-AppEngine-TaskExecutionCount comes from it. \
                Example: 1.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer responses,

        @JsonPropertyDescription("""
                Attempts since then that got an HTTP answer outside 500 to 599; the header \
                X-CloudTasks-TaskExecutionCount comes from it. Example: 0.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer executions) {}
