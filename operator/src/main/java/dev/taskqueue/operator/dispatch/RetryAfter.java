package dev.taskqueue.operator.dispatch;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code Retry-After} (RFC 9110, 10.2.3): whole seconds, or a date in one of the three forms of 5.6.7. */
final class RetryAfter {
    private static final Pattern SECONDS = Pattern.compile("[0-9]+");

    /** About 31 years: more than anyone can mean, and far from any overflow. */
    private static final int MAX_DIGITS = 9;

    private static final DateTimeFormatter IMF_FIXDATE = form("EEE, dd MMM yyyy HH:mm:ss 'GMT'");
    private static final DateTimeFormatter ASCTIME = form("EEE MMM ppd HH:mm:ss yyyy");

    private RetryAfter() {}

    /** How long after {@code now} the sender wants no request; empty if the value cannot be read, or is a time in the past. */
    static Optional<Duration> parse(String value, Instant now) {
        String text = value.strip();
        if (SECONDS.matcher(text).matches()) {
            String digits = text.length() > MAX_DIGITS ? "9".repeat(MAX_DIGITS) : text;
            return Optional.of(Duration.ofSeconds(Integer.parseInt(digits)));
        }
        for (DateTimeFormatter form : List.of(IMF_FIXDATE, rfc850(now), ASCTIME)) {
            try {
                Instant at = LocalDateTime.parse(text, form).toInstant(ZoneOffset.UTC);
                return Optional.of(Duration.between(now, at)).filter(wait -> !wait.isNegative());
            } catch (DateTimeException e) {
                // Not in this form; perhaps in the next.
            }
        }
        return Optional.empty();
    }

    /** The form with a year of two digits: a year that seems more than 50 years ahead is in the past (RFC 9110, 5.6.7). */
    private static DateTimeFormatter rfc850(Instant now) {
        LocalDate base = LocalDate.ofInstant(now, ZoneOffset.UTC).minusYears(49);
        return new DateTimeFormatterBuilder()
                .appendPattern("EEEE, dd-MMM-")
                .appendValueReduced(ChronoField.YEAR, 2, 2, base)
                .appendPattern(" HH:mm:ss 'GMT'")
                .toFormatter(Locale.ENGLISH);
    }

    private static DateTimeFormatter form(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH);
    }
}
