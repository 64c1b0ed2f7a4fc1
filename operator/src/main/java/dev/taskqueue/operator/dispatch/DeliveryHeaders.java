package dev.taskqueue.operator.dispatch;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.engine.AttemptContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Adds the operator's headers to those of the user: the headers that a Cloud Tasks handler expects, and our own. Names and meanings are those of
 * Google Cloud Tasks v2 ("Task request headers" of HTTP and of App Engine targets). Pure: one attempt in, one map out.
 */
public final class DeliveryHeaders {
    private static final Pattern TRACE_ID = Pattern.compile("(?!0{32})[0-9a-f]{32}");

    private final String userAgent;

    /** @param version the operator's version, for {@code User-Agent} */
    public DeliveryHeaders(String version) {
        userAgent = "TaskQueue-Operator/" + version;
    }

    /**
     * All headers of one attempt. Names differ by more than their case; a user's {@code Idempotency-Key} and {@code traceparent} win over ours, a
     * user's {@code User-Agent} does not (nor does it in Cloud Tasks).
     *
     * @param families none of them = only our own headers
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
        var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(userHeaders);
        putOurs(headers, attempt, deadline);
        for (CompatibilityHeaders family : families) {
            putFamily(headers, family, attempt, shownName);
        }
        return Collections.unmodifiableMap(headers);
    }

    private void putOurs(Map<String, String> headers, AttemptContext attempt, Duration deadline) {
        headers.put("User-Agent", userAgent);
        headers.putIfAbsent("Idempotency-Key", attempt.key().idempotencyKey());
        headers.putIfAbsent("traceparent", traceparent(attempt));
        headers.put("TaskQueue-Namespace", attempt.queue().namespace());
        headers.put("TaskQueue-Attempt", String.valueOf(attempt.before().roundAttempts() + 1));
        headers.put("TaskQueue-Max-Attempts", String.valueOf(attempt.retry().maxAttempts()));
        if (attempt.retry().isCertainlyLast(attempt.before(), attempt.dispatchedAt())) {
            headers.put("TaskQueue-Last-Attempt", "true");
        }
        Instant deadlineAt = attempt.dispatchedAt().plus(deadline).truncatedTo(ChronoUnit.MILLIS);
        headers.put("TaskQueue-Deadline", deadlineAt.toString());
    }

    private static void putFamily(
            Map<String, String> headers, CompatibilityHeaders family, AttemptContext attempt, String shownName) {
        String prefix = family.prefix();
        AttemptHistory before = attempt.before();
        headers.put(prefix + "QueueName", attempt.queue().name());
        headers.put(prefix + "TaskName", shownName);
        headers.put(prefix + "TaskRetryCount", String.valueOf(before.dispatches()));
        headers.put(
                prefix + "TaskExecutionCount",
                String.valueOf(
                        switch (family) {
                            case CloudTasks -> before.executions();
                            case AppEngine -> before.responses();
                        }));
        headers.put(prefix + "TaskETA", eta(attempt.scheduledAt()));
        AttemptRecord last = before.last();
        if (last != null) {
            headers.put(prefix + "TaskPreviousResponse", String.valueOf(previousResponse(family, last)));
            headers.put(prefix + "TaskRetryReason", retryReason(family, last.statusCode()));
        }
    }

    /** Epoch seconds with microseconds, as Cloud Tasks writes them. */
    private static String eta(Instant at) {
        return String.format(Locale.ROOT, "%d.%06d", at.getEpochSecond(), at.getNano() / 1000);
    }

    /**
     * The last attempt's status code. Without an answer, App Engine's family has 0, and Cloud Tasks has the code that matches its log: 504 for a
     * timeout, 503 (unavailable) for every other failure.
     */
    private static int previousResponse(CompatibilityHeaders family, AttemptRecord last) {
        Integer code = last.statusCode();
        if (code != null) {
            return code;
        }
        return switch (family) {
            case CloudTasks -> last.reason() == AttemptReason.DeadlineExceeded ? 504 : 503;
            case AppEngine -> 0;
        };
    }

    /** App Engine distinguishes an instance that cannot take work from an application that failed. Cloud Tasks sends the header empty. */
    private static String retryReason(CompatibilityHeaders family, @Nullable Integer lastCode) {
        return switch (family) {
            case CloudTasks -> "";
            case AppEngine ->
                lastCode != null && (lastCode == 429 || lastCode == 503) ? "Instance Unavailable" : "App Error";
        };
    }

    /**
     * W3C trace context: one trace per Task, one span per attempt, sampled. The trace id is the uid without its dashes, so that a trace can be found
     * by its Task. A uid that is not a UUID is hashed.
     */
    private static String traceparent(AttemptContext attempt) {
        String uid = attempt.key().idempotencyKey();
        String plain = uid.replace("-", "").toLowerCase(Locale.ROOT);
        String traceId = TRACE_ID.matcher(plain).matches() ? plain : hash(uid, 16);
        return "00-" + traceId + "-" + hash(uid + "/" + attempt.number(), 8) + "-01";
    }

    private static String hash(String text, int bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
