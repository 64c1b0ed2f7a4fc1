package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** When the first attempt of the current round left: the retry duration counts from there. */
@Part
public record FirstAttempt(
        @JsonPropertyDescription("""
                When the request of the first attempt left, since creation or the last redrive, RFC 3339; the \
                queue's retry.maxRetryDuration counts from here. Example: 2026-11-20T08:00:00.012Z.""") @TimeText @Nullable String dispatchTime) {}
