package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** What the annotation {@code taskqueue.dev/run-now} of a TaskBatch has brought forward. */
@Part
public record BatchRunNow(
        @JsonPropertyDescription("""
                Since when all items are due that were never sent, RFC 3339; within the limits of the queue. Example: \
                2026-11-20T08:00:10.230Z.""") @TimeText @Nullable String dueTime,

        @JsonPropertyDescription("""
                The indexes of the chosen items that have had no outcome yet, as ranges; they are sent past all limits. \
                Example: 7,12-14.""") @Size(max = BatchRules.MAX_RANGES) @Nullable String indexes) {}
