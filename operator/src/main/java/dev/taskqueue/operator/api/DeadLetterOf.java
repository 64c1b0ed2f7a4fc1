package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** The origin of a dead letter, a Task or an item of a TaskBatch. Everybody who may create Tasks can write this, so it proves nothing. */
@Part
public record DeadLetterOf(
        @JsonPropertyDescription("""
                Name of the TaskQueue in which the Task or the item failed. Example: order-tasks.""") @Size(max = 253) @Nullable String queue,

        @JsonPropertyDescription("""
                Name of the Task that failed, or of the TaskBatch whose item failed. Example: order-4711-invoice.""") @Size(max = 253) @Nullable String task,

        @JsonPropertyDescription("""
                UID of the Task that failed, or of the TaskBatch whose item failed. Example: 5f0c6c1e-0d8d-4b0e-9c55-6c1f0a2b7d11.""") @Size(max = 64) @Nullable String uid,

        @JsonPropertyDescription("""
                Why it failed for good, as its condition Succeeded says. Example: RetriesExhausted.""") @Size(max = 64) @Nullable String reason,

        @JsonPropertyDescription("""
                How many attempts it had. Example: 5.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer attempts,

        @JsonPropertyDescription("""
                HTTP status of its last answer; absent where none came. Example: 503.""") @Min(100) @Max(999) @Nullable Integer statusCode,

        @JsonPropertyDescription("""
                Index of the item that failed, from 0; absent where a Task failed. Example: 42.""") @Min(0) @Max(BatchRules.MAX_INDEX) @Nullable Integer index) {}
