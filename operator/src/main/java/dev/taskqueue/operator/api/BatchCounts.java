package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** The items of a TaskBatch by what became of them. */
@Part
public record BatchCounts(
        @JsonPropertyDescription("""
                All items of the batch. Example: 1000.""") @Min(0) @Max(BatchRules.MAX_ITEMS) @Nullable Integer total,

        @JsonPropertyDescription("""
                Items that were delivered. Example: 428.""") @Min(0) @Max(BatchRules.MAX_ITEMS) @Nullable Integer succeeded,

        @JsonPropertyDescription("""
                Items that failed for good. Example: 3.""") @Min(0) @Max(BatchRules.MAX_ITEMS) @Nullable Integer failed,

        @JsonPropertyDescription("""
                Items that were left unsent because of maxFailed or the annotation taskqueue.dev/cancel. Example: 0.""") @Min(0) @Max(BatchRules.MAX_ITEMS) @Nullable Integer skipped,

        @JsonPropertyDescription("""
                Items that failed and wait for their next attempt. Example: 12.""") @Min(0) @Max(BatchRules.MAX_ITEMS) @Nullable Integer backingOff) {}
