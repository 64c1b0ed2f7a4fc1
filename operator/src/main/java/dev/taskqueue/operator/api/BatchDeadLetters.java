package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** The batches of dead letters that were made of a TaskBatch. */
@Part
public record BatchDeadLetters(
        @JsonPropertyDescription("""
                How many batches were created in the queue's deadLetter.queueRef. Example: 1.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer created,

        @JsonPropertyDescription("""
                The indexes of the failed items that go into the next one, as ranges. Example: 90-91.""") @Size(max = BatchRules.MAX_RANGES) @Nullable String open,

        @JsonPropertyDescription("""
                Why items have no dead letters, once the API server has refused to create them. Example: Items have no \
                dead letters in TaskQueue orders-failed: the API server refused it with 422.""") @Size(max = 256) @Nullable String message) {}
