package dev.taskqueue.operator.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Says when a failed Task is tried again, and when it is given up. The rules are those of Google Cloud Tasks v2
 * ({@code RetryConfig}); {@code WhenEither}, jitter and the non-retryable codes are ours.
 *
 * @param maxAttempts the first attempt included; {@value #UNLIMITED} = no limit
 * @param maxRetryDuration measured from the dispatch of the first attempt; zero = no limit
 * @param maxDoublings how often the interval doubles before it grows by a constant step
 * @param jitterPercent by up to how many percent an interval is lengthened, 0 to 100
 * @param nonRetryableStatusCodes answers after which no further attempt is made
 */
public record RetryPolicy(
        int maxAttempts,
        Duration maxRetryDuration,
        GiveUp giveUp,
        Duration minBackoff,
        Duration maxBackoff,
        int maxDoublings,
        int jitterPercent,
        Set<Integer> nonRetryableStatusCodes) {

    public static final int UNLIMITED = -1;

    /** Which of the two limits ends a Task. */
    public enum GiveUp {
        /** Both must be reached, as in Cloud Tasks. Then {@code maxAttempts} is a minimum. */
        WhenBoth,
        /** The first one that is reached. */
        WhenEither
    }

    public RetryPolicy {
        nonRetryableStatusCodes = Set.copyOf(nonRetryableStatusCodes);
    }

    /** Judges the last attempt of {@code history}, which ended at {@code endedAt}. */
    public Verdict after(AttemptHistory history, Outcome outcome, Instant endedAt, RandomGenerator random) {
        if (outcome.isSuccess()) {
            return new Verdict.Finish(new Ending(Ending.Reason.Delivered, outcome.message()));
        }
        if (outcome instanceof Outcome.Answered answered) {
            if (answered.noRetry()) {
                return failed(Ending.Reason.NonRetryable, outcome.message() + " It asked for no retry.");
            }
            if (nonRetryableStatusCodes.contains(answered.statusCode())) {
                return failed(
                        Ending.Reason.NonRetryable,
                        "The worker answered " + answered.statusCode() + ", which the queue lists as not retryable.");
            }
        }
        int attempts = history.roundAttempts();
        Duration elapsed = elapsedSinceFirst(history, endedAt);
        if (isExhausted(attempts, elapsed)) {
            return failed(
                    Ending.Reason.RetriesExhausted,
                    "Given up after %d %s in %s. %s"
                            .formatted(
                                    attempts,
                                    attempts == 1 ? "attempt" : "attempts",
                                    Durations.words(elapsed),
                                    outcome.message()));
        }
        Duration backoff = jittered(interval(attempts), random);
        Duration asked = outcome instanceof Outcome.Answered answered
                ? answered.retryAfter().orElse(Duration.ZERO)
                : Duration.ZERO;
        return new Verdict.RetryAfter(max(backoff, min(asked, maxBackoff)));
    }

    /** A sentence for a worker that asked for a longer pause than it gets; empty for all others. */
    public String noteOnPause(Outcome outcome) {
        return outcome instanceof Outcome.Answered answered
                        && answered.retryAfter().isPresent()
                        && answered.retryAfter().get().compareTo(maxBackoff) > 0
                ? "The pause that it asked for is cut to " + Durations.format(maxBackoff) + " by spec.retry.maxBackoff."
                : "";
    }

    /** The pause before retry {@code n} = 1, 2, ...: doubling, then linear, then the cap. */
    public Duration interval(int n) {
        double min = minBackoff.toNanos();
        double factor = n <= maxDoublings + 1
                ? Math.scalb(1.0, n - 1)
                : Math.scalb(1.0, maxDoublings) * ((double) n - maxDoublings);
        double nanos = min * factor;
        return nanos >= maxBackoff.toNanos() ? maxBackoff : Duration.ofNanos((long) nanos);
    }

    /** Whether an attempt that leaves now is certainly the last one if it fails. */
    public boolean isCertainlyLast(AttemptHistory before, Instant now) {
        return isExhausted(before.roundAttempts() + 1, elapsedSinceFirst(before, now));
    }

    private boolean isExhausted(int attempts, Duration elapsed) {
        boolean attemptsSet = maxAttempts != UNLIMITED;
        boolean durationSet = !maxRetryDuration.isZero();
        if (!attemptsSet && !durationSet) {
            return false;
        }
        boolean attemptsReached = attemptsSet && attempts >= maxAttempts;
        boolean durationReached = durationSet && elapsed.compareTo(maxRetryDuration) >= 0;
        return switch (giveUp) {
            case WhenBoth -> (attemptsReached || !attemptsSet) && (durationReached || !durationSet);
            case WhenEither -> attemptsReached || durationReached;
        };
    }

    private Duration jittered(Duration interval, RandomGenerator random) {
        if (jitterPercent == 0) {
            return interval;
        }
        return interval.plusNanos((long) (interval.toNanos() * (jitterPercent / 100.0) * random.nextDouble()));
    }

    private static Duration elapsedSinceFirst(AttemptHistory history, Instant now) {
        Instant first = history.firstDispatchAt();
        return first == null ? Duration.ZERO : Duration.between(first, now);
    }

    private static Verdict failed(Ending.Reason reason, String message) {
        return new Verdict.Finish(new Ending(reason, message));
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}
