package dev.taskqueue.operator.domain;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
     * @param retryAfterUnreadable whether the worker asked for that in a form that cannot be read
     * @param noRetry whether the answer had the header {@code TaskQueue-No-Retry: true}
     * @param snippet the beginning of the answer's text; null unless the queue records it
     */
    record Answered(
            int statusCode,
            Optional<Duration> retryAfter,
            boolean retryAfterUnreadable,
            boolean noRetry,
            @Nullable ResponseSnippet snippet)
            implements Outcome {
        public Answered(int statusCode, Optional<Duration> retryAfter, boolean retryAfterUnreadable, boolean noRetry) {
            this(statusCode, retryAfter, retryAfterUnreadable, noRetry, null);
        }

        public Answered(int statusCode, Optional<Duration> retryAfter, boolean noRetry) {
            this(statusCode, retryAfter, false, noRetry);
        }

        /** The same answer with the beginning of its text. */
        public Answered with(@Nullable ResponseSnippet text) {
            return new Answered(statusCode, retryAfter, retryAfterUnreadable, noRetry, text);
        }

        public static Answered of(int statusCode) {
            return new Answered(statusCode, Optional.empty(), false);
        }

        @Override
        public AttemptReason reason() {
            return AttemptReason.ofStatus(statusCode);
        }

        @Override
        public String message() {
            if (retryAfterUnreadable) {
                return "The worker answered " + statusCode
                        + ". Its Retry-After cannot be read: let it send seconds, or a date"
                        + " like Sat, 21 Nov 2026 09:30:00 GMT.";
            }
            return retryAfter.isPresent() && retryAfter.get().isPositive()
                    ? "The worker answered %d and asked for a pause of %s."
                            .formatted(statusCode, Durations.format(wholeSeconds(retryAfter.get())))
                    : "The worker answered " + statusCode + ".";
        }

        /** A date is rarely a whole number of seconds away. */
        private static Duration wholeSeconds(Duration pause) {
            return Duration.ofSeconds(pause.plusMillis(999).toSeconds());
        }
    }

    /** No answer came. The {@code reason} is one of those without a status code. */
    record Unanswered(AttemptReason reason, String message) implements Outcome {}
}
