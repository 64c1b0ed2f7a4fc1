package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** When a failed attempt is repeated, and when the Task fails for good. */
@Part
@ValidationRule(
        value = Rules.BACKOFFS,
        message =
                "maxBackoff (1h where unset) must not be shorter than minBackoff (100ms where unset); raise maxBackoff or lower minBackoff")
public record Retry(
        @JsonPropertyDescription("""
                How many attempts a Task gets, the first one included. 1 to 1000000, or -1 for no limit. Default \
                100. With giveUp WhenBoth and a maxRetryDuration this is how many it gets at least. Example: 5.""")
        @Default("100")
        @Min(-1) @Max(1_000_000) @ValidationRule(
                value = "self == -1 || self >= 1",
                message = "maxAttempts counts the first attempt too: write 1 or more, or -1 for no limit")
        @Nullable Integer maxAttempts,

        @JsonPropertyDescription("""
                For how long after its first attempt a Task is retried. A duration up to 720h (30 days). Default \
                0s, which is no time limit. With giveUp WhenBoth and a maxAttempts this is how long it is retried \
                at least. Example: 1h.""")
        @Default("0s")
        @DurationText
        @ValidationRule(
                value = Rules.AT_MOST_30_DAYS,
                message = "maxRetryDuration is at most 720h; write a shorter one")
        @Nullable String maxRetryDuration,

        @JsonPropertyDescription("""
                When a Task that goes on failing ends as Failed. WhenBoth (default, as Cloud Tasks does): once \
                maxAttempts and maxRetryDuration are both reached; a limit that is off counts as reached. \
                WhenEither: once one of those that are set is reached. With maxAttempts -1 and maxRetryDuration 0s \
                it is retried for ever. Example: WhenEither.""") @Default("WhenBoth") @Nullable GiveUp giveUp,

        @JsonPropertyDescription("""
                How long after the end of the first failed attempt the next one starts, at the earliest. A \
                duration up to 24h. Default 100ms. Example: 10s.""")
        @Default("100ms")
        @DurationText
        @ValidationRule(value = Rules.AT_MOST_A_DAY, message = "minBackoff is at most 24h; write a shorter one")
        @Nullable String minBackoff,

        @JsonPropertyDescription("""
                The longest time between the end of a failed attempt and the next one; a Retry-After of the \
                handler is cut to it too. A duration up to 24h, not shorter than minBackoff. Default 1h. Example: \
                300s.""")
        @Default("1h")
        @DurationText
        @ValidationRule(value = Rules.AT_MOST_A_DAY, message = "maxBackoff is at most 24h; write a shorter one")
        @Nullable String maxBackoff,

        @JsonPropertyDescription("""
                How often the time between attempts doubles, from minBackoff on; after that it grows by the same \
                amount each time, up to maxBackoff. 0 to 100. Default 16. Example: 3 with minBackoff 10s and \
                maxBackoff 300s gives 10s, 20s, 40s, 80s, 160s, 240s, 300s.""") @Default("16") @Min(0) @Max(100) @Nullable Integer maxDoublings,

        @JsonPropertyDescription("""
                Lengthens each time between attempts by a random part of it, up to this many percent, so that \
                Tasks which failed together do not return together. Never shortens it. 0 to 100. Default 0. \
                Example: 20.""") @Default("0") @Min(0) @Max(100) @Nullable Integer jitterPercent,

        @JsonPropertyDescription("""
                HTTP status codes, 300 to 599, after which a Task is not tried again but fails at once, reason \
                NonRetryable. Default: none. Example: [400, 404, 410, 422].""") @Size(max = 300) @Nullable List<@Min(300) @Max(599) Integer> nonRetryableStatusCodes) {}
