package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** One attempt that has ended. */
@Part
public record Attempt(
        @JsonPropertyDescription("""
                Number of the attempt, 1 for the first, counted over redrives. Example: 3.""") @Min(1) @Max(Integer.MAX_VALUE) @Nullable Integer number,

        @JsonPropertyDescription("""
                When it was due, RFC 3339. Example: 2026-11-20T08:00:00Z.""") @TimeText @Nullable String scheduleTime,

        @JsonPropertyDescription("""
                When its request left, RFC 3339. Example: 2026-11-20T08:00:00.012Z.""") @TimeText @Nullable String dispatchTime,

        @JsonPropertyDescription("""
                When the answer came or the attempt failed, RFC 3339; absent where the operator stopped before. \
                Example: 2026-11-20T08:00:00.230Z.""") @TimeText @Nullable String responseTime,

        @JsonPropertyDescription("""
                HTTP status of the answer; absent where none came. Example: 503.""") @Min(100) @Max(999) @Nullable Integer statusCode,

        @JsonPropertyDescription("""
                How it ended: Delivered, Unavailable (503), TooManyRequests (429), ServerError (other 5xx), \
                ClientError (other 4xx), Redirect, UnexpectedStatus, DeadlineExceeded, ConnectionRefused, \
                ConnectionClosed, ConnectFailed, TLSFailed, ResponseTooLarge, or Interrupted (the operator \
                stopped; whether the handler saw it is unknown). Example: Unavailable.""") @Size(max = 64) @Nullable String reason,

        @JsonPropertyDescription("""
                The same in a sentence, at most 256 characters. Never holds what the handler answered. Example: \
                The handler answered 503.""") @Size(max = 256) @Nullable String message,

        @JsonPropertyDescription("""
                The beginning of the answer's body as text, at most 1024 characters, control characters escaped. \
                Only for a failed answer, and only if the queue has recordResponse: Failures. Do not trust it: the \
                handler wrote it. Example: no stock for order 4711.""") @Size(max = 1024) @Nullable String responseSnippet) {}
