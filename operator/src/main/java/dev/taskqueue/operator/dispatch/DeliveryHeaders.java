package dev.taskqueue.operator.dispatch;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.domain.TraceContext;
import dev.taskqueue.operator.engine.AttemptContext;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;

/**
 * Adds the operator's headers to those of the user: the headers that a Cloud Tasks handler expects, and our own. Names and meanings are those of
 * Google Cloud Tasks v2 ("Task request headers" of HTTP and of App Engine targets); counts begin anew with each redrive. Pure: one attempt in, one map out.
 */
public final class DeliveryHeaders {
    private static final int MICROS = 1_000_000;
    /** So many headers are added to those of the user, with one family. */
    private static final int MOST_OWN = 24;

    private final String userAgent;
    private final boolean hasSpans;

    /** Headers of an operator that makes no spans. */
    public DeliveryHeaders(String version) {
        this(version, false);
    }

    /**
     * Headers of an operator.
     *
     * @param version the operator's version, for the {@code User-Agent} of requests without compatibility headers
     * @param hasSpans whether there is a span of each attempt
     */
    public DeliveryHeaders(String version, boolean hasSpans) {
        userAgent = "taskqueue-operator/" + version;
        this.hasSpans = hasSpans;
    }

    /**
     * All headers of one attempt, in a new map to which the caller may add. It ignores the case of names. A user's {@code Idempotency-Key}, {@code traceparent} and {@code User-Agent}
     * win over ours; with spans, a {@code traceparent} names the span of the attempt in the same trace.
     *
     * @param families none of them = only our own headers; the first one says the {@code User-Agent}
     * @param shownName the object's name, or the producer's key if there is one
     * @param userHeaders the user's headers, checked by {@link dev.taskqueue.operator.domain.HeaderRules}
     * @param deadline how long the attempt may last
     */
    public Map<String, String> of(
            AttemptContext attempt,
            Set<CompatibilityHeaders> families,
            String shownName,
            Map<String, String> userHeaders,
            Duration deadline) {
        var headers = new RequestHeaders(userHeaders, userHeaders.size() + MOST_OWN);
        putOurs(headers, attempt, deadline);
        for (CompatibilityHeaders family : families) {
            headers.putIfAbsent("User-Agent", family.userAgent());
            putFamily(headers, family, attempt, shownName);
        }
        headers.putIfAbsent("User-Agent", userAgent);
        return headers;
    }

    private void putOurs(Map<String, String> headers, AttemptContext attempt, Duration deadline) {
        headers.putIfAbsent("Idempotency-Key", attempt.key().idempotencyKey());
        putTrace(headers, attempt);
        headers.put("TaskQueue-Namespace", attempt.queue().namespace());
        headers.put("TaskQueue-Attempt", String.valueOf(attempt.before().roundAttempts() + 1));
        headers.put("TaskQueue-Max-Attempts", String.valueOf(attempt.retry().maxAttempts()));
        if (attempt.retry().isCertainlyLast(attempt.before(), attempt.dispatchedAt())) {
            headers.put("TaskQueue-Last-Attempt", "true");
        }
        Instant deadlineAt = attempt.dispatchedAt().plus(deadline).truncatedTo(ChronoUnit.MILLIS);
        headers.put("TaskQueue-Deadline", deadlineAt.toString());
    }

    /** With spans, the handler's spans belong to the span of the attempt, which belongs to that of the producer. */
    private void putTrace(Map<String, String> headers, AttemptContext attempt) {
        String given = headers.get(TraceContexts.HEADER);
        if (given == null) {
            headers.put(TraceContexts.HEADER, TraceContexts.of(attempt).header());
        } else if (hasSpans) {
            TraceContext context = TraceContexts.of(attempt, given);
            if (context != null && context.isSampled()) {
                headers.put(TraceContexts.HEADER, context.header());
            }
        }
    }

    private static void putFamily(
            Map<String, String> headers, CompatibilityHeaders family, AttemptContext attempt, String shownName) {
        String prefix = family.prefix();
        AttemptHistory before = attempt.before();
        headers.put(prefix + "QueueName", attempt.queue().name());
        headers.put(prefix + "TaskName", shownName);
        headers.put(prefix + "TaskRetryCount", String.valueOf(before.roundAttempts()));
        headers.put(
                prefix + "TaskExecutionCount",
                String.valueOf(
                        switch (family) {
                            case CloudTasks -> before.roundExecutions();
                            case AppEngine -> before.roundResponses();
                        }));
        headers.put(prefix + "TaskETA", eta(attempt.scheduledAt()));
        AttemptRecord last = before.lastOfRound();
        if (last != null && last.statusCode() != null) {
            putPrevious(
                    headers,
                    prefix,
                    String.valueOf(last.statusCode()),
                    family == CompatibilityHeaders.AppEngine ? "App Error" : "");
        } else if (last != null && last.reason() == AttemptReason.DeadlineExceeded) {
            switch (family) {
                case CloudTasks -> putPrevious(headers, prefix, "504", "");
                case AppEngine -> putPrevious(headers, prefix, "0", "Instance Unavailable");
            }
        }
    }

    /** Cloud Tasks sends these two after an answer or a timeout, and neither of them after any other failure. */
    private static void putPrevious(Map<String, String> headers, String prefix, String response, String reason) {
        headers.put(prefix + "TaskPreviousResponse", response);
        headers.put(prefix + "TaskRetryReason", reason);
    }

    /** Epoch seconds with microseconds, as Cloud Tasks writes them. */
    private static String eta(Instant at) {
        String micros = String.valueOf(MICROS + at.getNano() / 1000);
        return at.getEpochSecond() + "." + micros.substring(1);
    }
}
