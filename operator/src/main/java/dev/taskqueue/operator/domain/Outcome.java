package dev.taskqueue.operator.domain;

import java.time.Duration;
import java.util.Optional;

/** The outcome of a request that was sent. */
public sealed interface Outcome {

    /** How it ended, in the API's words. */
    AttemptReason reason();

    /** One sentence for {@code status.lastAttempt.message}. It never contains anything from the response's body or headers. */
    String message();

    default boolean isSuccess() {
        return reason() == AttemptReason.Delivered;
    }

    /**
     * The worker answered.
     *
     * @param retryAfter how long the worker asks the operator to wait, counted from the answer; only with 429 and 503
     * @param noRetry whether the answer had the header {@code TaskQueue-No-Retry: true}
     */
    record Answered(int statusCode, Optional<Duration> retryAfter, boolean noRetry) implements Outcome {
        public static Answered of(int statusCode) {
            return new Answered(statusCode, Optional.empty(), false);
        }

        @Override
        public AttemptReason reason() {
            return AttemptReason.ofStatus(statusCode);
        }

        @Override
        public String message() {
            return "The worker answered " + statusCode + ".";
        }
    }

    /** No answer came. The {@code reason} is one of those without a status code. */
    record Unanswered(AttemptReason reason, String message) implements Outcome {}
}
