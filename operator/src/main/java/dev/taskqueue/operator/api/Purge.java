package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** How far the purge that {@code spec.purgeBefore} asks for has come. */
@Part
public record Purge(
        @JsonPropertyDescription("""
                The spec.purgeBefore that this purge is about, RFC 3339. Example: 2026-11-20T00:00:00Z.""") @TimeText @Nullable String value,

        @JsonPropertyDescription("""
                Unfinished Tasks created before this are deleted: the earlier of spec.purgeBefore and the moment \
                it was first seen, in whole seconds, RFC 3339. Example: 2026-11-20T00:00:00Z.""") @TimeText @Nullable String cutoffTime,

        @JsonPropertyDescription("""
                How many Tasks are still to be deleted, at most every 2 s; 0 once it is done. Absent until all \
                Tasks are known, after a start of the operator. Example: 120.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer remaining,

        @JsonPropertyDescription("""
                When the last of them was deleted, RFC 3339; absent while it goes on, and where spec.purgeBefore \
                was removed before. Example: \
                2026-11-20T08:00:05Z.""") @TimeText @Nullable String completionTime) {}
