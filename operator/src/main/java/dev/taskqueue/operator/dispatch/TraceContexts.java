package dev.taskqueue.operator.dispatch;

import dev.taskqueue.operator.domain.TraceContext;
import dev.taskqueue.operator.engine.AttemptContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The W3C trace context of attempts: one span for each attempt. It belongs to the trace of the producer, if the Task has a header {@code traceparent}. Otherwise
 * the trace id of a Task is its uid without the dashes, so that a trace can be found by its Task. A uid that is not a UUID is hashed, and so is the key of an
 * item. All ids follow from the attempt, so a header and its span agree without any state. Pure.
 */
public final class TraceContexts {
    /** The header that carries a context. */
    public static final String HEADER = "traceparent";

    private static final int UUID_LENGTH = 36;
    private static final int SAMPLED = 1;
    private static final Pattern TRACE_ID = Pattern.compile("(?!0{32})[0-9a-f]{32}");
    /** Versions after 00 may add something at the end. */
    private static final Pattern GIVEN =
            Pattern.compile("(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

    private TraceContexts() {}

    /** The context of an attempt whose Task has no header {@code traceparent}. */
    public static TraceContext of(AttemptContext attempt) {
        String uid = attempt.key().idempotencyKey();
        String plain = uid.length() <= UUID_LENGTH ? uid.replace("-", "").toLowerCase(Locale.ROOT) : "";
        String traceId = TRACE_ID.matcher(plain).matches() ? plain : hash(uid, 16);
        return new TraceContext(traceId, spanId(attempt), null, true);
    }

    /**
     * The context of an attempt whose Task has the header.
     *
     * @param given the value of the header
     * @return null if it is none of W3C's: then nobody can tell which trace the handler sees
     */
    public static @Nullable TraceContext of(AttemptContext attempt, String given) {
        Matcher parts = GIVEN.matcher(given);
        if (!parts.matches() || (parts.group(1).equals("00") && parts.group(5) != null)) {
            return null;
        }
        boolean isSampled = (Integer.parseInt(parts.group(4), 16) & SAMPLED) != 0;
        return new TraceContext(parts.group(2), spanId(attempt), parts.group(3), isSampled);
    }

    private static String spanId(AttemptContext attempt) {
        return hash(attempt.key().idempotencyKey() + "/" + attempt.number(), 8);
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
