package dev.taskqueue.operator.dispatch;

import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import okhttp3.Headers;

/** Turns a worker's answer into an outcome. Only the status code of the answer is reported. */
final class ResponseReader {
    private ResponseReader() {}

    static Outcome read(int statusCode, Headers headers, Instant now) {
        if (statusCode < 200 || statusCode > 599) {
            return new Outcome.Unanswered(
                    AttemptReason.UnexpectedStatus,
                    "The worker's answer had status " + statusCode + "; it must be one of 200 to 599.");
        }
        String noRetry = headers.get("TaskQueue-No-Retry");
        Optional<Duration> retryAfter = Optional.empty();
        boolean unreadable = false;
        if (statusCode == 429 || statusCode == 503) {
            // The header counts only for an overloaded worker. On a redirect it means something else.
            List<String> values = headers.values("Retry-After");
            retryAfter = longest(values, now);
            unreadable = retryAfter.isEmpty() && !values.isEmpty();
        }
        boolean isFinal = noRetry != null && noRetry.strip().equalsIgnoreCase("true");
        return new Outcome.Answered(statusCode, retryAfter, unreadable, isFinal);
    }

    /** A proxy may have added a header of its own. */
    private static Optional<Duration> longest(List<String> values, Instant now) {
        Optional<Duration> longest = Optional.empty();
        for (String value : values) {
            Optional<Duration> wait = RetryAfter.parse(value, now);
            if (wait.isPresent() && wait.get().compareTo(longest.orElse(Duration.ZERO)) >= 0) {
                longest = wait;
            }
        }
        return longest;
    }
}
