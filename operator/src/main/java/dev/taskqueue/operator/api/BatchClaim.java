package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** Items whose attempts are in flight. After a crash these count as attempts, and no other operator repeats them before the deadline. */
@Part
public record BatchClaim(
        @JsonPropertyDescription("""
                The indexes of the items, as ranges. Example: 500-507,512.""") @Size(max = BatchRules.MAX_RANGES) @Nullable String indexes,

        @JsonPropertyDescription("""
                When the first of their requests left, RFC 3339. Example: 2026-11-20T08:00:00.012Z.""") @TimeText @Nullable String dispatchTime,

        @JsonPropertyDescription("""
                Until when their handlers may answer, RFC 3339; before it nobody sends these items again. Example: \
                2026-11-20T08:10:00.012Z.""") @TimeText @Nullable String deadline,

        @JsonPropertyDescription("""
                The operator process that sent them. Example: taskqueue-operator-6d5f-x2k4p.""") @Size(max = 253) @Nullable String holder) {}
