package dev.taskqueue.operator.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code Retry-After} (RFC 9110, 10.2.3): seconds, or a date. It also reads what workers and proxies usually write instead, because to ignore
 * such a value would be a request at once. In doubt the longer wait counts.
 */
final class RetryAfter {
    private static final Pattern SECONDS = Pattern.compile(
            "\\+?(?<whole>[0-9]*)(?:\\.(?<fraction>[0-9]*))? *(?:s|secs?|seconds?)?", Pattern.CASE_INSENSITIVE);

    private static final Pattern QUOTED = Pattern.compile("\"(.*)\"");

    /** About 31 years: more than anyone can mean, and far from any overflow. */
    private static final int MAX_DIGITS = 9;

    private RetryAfter() {}

    /** How long after {@code now} the sender wants no request, zero for a time in the past; empty if the value cannot be read. */
    static Optional<Duration> parse(String value, Instant now) {
        String text = value.strip();
        Matcher quoted = QUOTED.matcher(text);
        String plain = quoted.matches() ? quoted.group(1).strip() : text;
        return seconds(plain)
                .or(() -> HttpDates.parse(plain, now)
                        .map(at -> Duration.between(now, at))
                        .map(wait -> wait.isNegative() ? Duration.ZERO : wait));
    }

    /** A proxy may join the values of two headers with a comma: the largest counts, which also covers a decimal comma. */
    private static Optional<Duration> seconds(String text) {
        long longest = -1;
        for (String part : text.split(",", -1)) {
            Matcher number = SECONDS.matcher(part.strip());
            if (!number.matches() || part.chars().noneMatch(c -> c >= '0' && c <= '9')) {
                return Optional.empty();
            }
            longest = Math.max(longest, roundedUp(number));
        }
        return Optional.of(Duration.ofSeconds(longest));
    }

    private static long roundedUp(Matcher number) {
        String whole = number.group("whole").replaceFirst("^0+", "");
        if (whole.length() > MAX_DIGITS) {
            whole = "9".repeat(MAX_DIGITS);
        }
        String fraction = number.group("fraction");
        boolean isWhole = fraction == null || fraction.chars().allMatch(c -> c == '0');
        return (whole.isEmpty() ? 0 : Long.parseLong(whole)) + (isWhole ? 0 : 1);
    }
}
