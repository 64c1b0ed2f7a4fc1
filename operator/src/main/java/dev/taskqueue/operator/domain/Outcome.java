package dev.taskqueue.operator.domain;

import java.time.Duration;
import java.util.Optional;

/** What came of a request that was sent. */
public sealed interface Outcome {

    /** How it ended, in the API's words. */
    AttemptReason reason();

    /** One sentence for {@code status.lastAttempt.message}; never anything of the response's body or headers. */
    String message();

    default boolean isSuccess() {
        return reason() == AttemptReason.Delivered;
    }

    /**
     * The worker answered.
     *
     * @param retryAfter how long the worker asked us to stay away, counted from the answer; only of 429 and 503
     * @param noRetry whether the answer bore {@code TaskQueue-No-Retry: true}
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

    /** No answer came; {@code reason} is one of those without a status code. */
    record Unanswered(AttemptReason reason, String message) implements Outcome {}
}
