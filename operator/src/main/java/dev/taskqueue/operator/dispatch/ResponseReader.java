package dev.taskqueue.operator.dispatch;

import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Outcome;
import java.time.Duration;
import java.time.Instant;
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
        return new Outcome.Answered(
                statusCode,
                retryAfter(statusCode, headers, now),
                noRetry != null && noRetry.strip().equalsIgnoreCase("true"));
    }

    /** The header counts only for an overloaded worker. On a redirect it means something else. */
    private static Optional<Duration> retryAfter(int statusCode, Headers headers, Instant now) {
        String value = statusCode == 429 || statusCode == 503 ? headers.get("Retry-After") : null;
        return value == null ? Optional.empty() : RetryAfter.parse(value, now);
    }
}
