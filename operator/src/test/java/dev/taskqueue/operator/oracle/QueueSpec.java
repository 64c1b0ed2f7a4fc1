package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.Values.duration;
import static dev.taskqueue.operator.oracle.Values.number;
import static dev.taskqueue.operator.oracle.Values.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The spec of a TaskQueue, with the defaults of the CRD. Durations are nanoseconds. */
record QueueSpec(
        boolean paused,
        Limits limits,
        Retry retry,
        Retention retention,
        long dispatchDeadline,
        Set<String> families,
        boolean adaptive,
        String deadLetterQueue,
        long purgeBefore,
        @Nullable JsonNode httpTarget) {
    record Limits(double rate, int burst, int concurrent) {}

    record Retry(
            int maxAttempts,
            long maxDuration,
            boolean either,
            long minBackoff,
            long maxBackoff,
            int maxDoublings,
            int jitterPercent,
            Set<Integer> nonRetryable) {
        /** The pause after failed attempt {@code n}: doubling, then linear, then the cap. Jitter only makes it longer. */
        long interval(int n) {
            double doubled = minBackoff * Math.pow(2, Math.min(n - 1, maxDoublings));
            double interval = n <= maxDoublings + 1 ? doubled : doubled * (n - maxDoublings);
            return interval >= maxBackoff ? maxBackoff : (long) interval;
        }

        boolean limited() {
            return maxAttempts != -1 || maxDuration != 0;
        }

        /** Whether a Task is given up after {@code attempts} if its first one was {@code age} ago. */
        boolean exhausted(int attempts, long age) {
            if (!limited()) {
                return false;
            }
            boolean attemptsMet = maxAttempts == -1 || attempts >= maxAttempts;
            boolean durationMet = maxDuration == 0 || age >= maxDuration;
            return either
                    ? (maxAttempts != -1 && attemptsMet) || (maxDuration != 0 && durationMet)
                    : attemptsMet && durationMet;
        }
    }

    record Retention(long succeeded, long failed, int maxSucceeded, int maxFailed, long unfinished) {}

    private static final long SECOND = 1_000_000_000;
    private static final long HOUR = 3_600 * SECOND;

    static QueueSpec of(@Nullable JsonNode spec) {
        return new QueueSpec(
                "Paused".equals(text(spec, "state")),
                limits(child(spec, "rateLimits")),
                retry(child(spec, "retry")),
                retention(child(spec, "retention")),
                duration(spec, "dispatchDeadline", 600 * SECOND),
                families(child(spec, "headerFamilies")),
                !"Disabled".equals(text(spec, "throttling")),
                text(child(child(spec, "deadLetter"), "queueRef"), "name"),
                Values.time(spec, "purgeBefore", Values.ALWAYS),
                child(spec, "httpTarget"));
    }

    private static Limits limits(@Nullable JsonNode limits) {
        double rate = Values.quantity(limits, "maxDispatchesPerSecond", 500);
        int burst = (int) Math.clamp(Math.ceil(rate / 5), 10, 500);
        return new Limits(
                rate, number(limits, "maxBurstSize", burst), number(limits, "maxConcurrentDispatches", 1_000));
    }

    private static Retry retry(@Nullable JsonNode retry) {
        Set<Integer> codes = new HashSet<>();
        JsonNode listed = child(retry, "nonRetryableStatusCodes");
        if (listed != null) {
            listed.forEach(code -> codes.add(code.asInt()));
        }
        return new Retry(
                number(retry, "maxAttempts", 100),
                duration(retry, "maxRetryDuration", 0),
                "WhenEither".equals(text(retry, "giveUp")),
                duration(retry, "minBackoff", SECOND / 10),
                duration(retry, "maxBackoff", HOUR),
                number(retry, "maxDoublings", 16),
                number(retry, "jitterPercent", 0),
                codes);
    }

    private static Retention retention(@Nullable JsonNode retention) {
        return new Retention(
                duration(retention, "succeeded", HOUR),
                duration(retention, "failed", 168 * HOUR),
                number(retention, "maxSucceeded", 10_000),
                number(retention, "maxFailed", 10_000),
                duration(retention, "unfinished", 744 * HOUR));
    }

    private static Set<String> families(@Nullable JsonNode listed) {
        Set<String> families = new HashSet<>();
        if (listed == null) {
            families.add("CloudTasks");
        } else {
            listed.forEach(family -> families.add(family.asText()));
        }
        return families;
    }

    static @Nullable JsonNode child(@Nullable JsonNode object, String field) {
        JsonNode value = object == null ? null : object.get(field);
        return value == null || value.isNull() ? null : value;
    }
}
