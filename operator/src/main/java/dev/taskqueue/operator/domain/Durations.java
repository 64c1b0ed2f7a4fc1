package dev.taskqueue.operator.domain;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads and writes durations in the form of the Gateway API, which specs and settings have: {@code 100ms}, {@code 10s}, {@code 1h30m}. Writes them
 * as people do, too, for what was measured or counted.
 */
public final class Durations {
    /** The form that both CRDs require. */
    public static final String PATTERN = "^([0-9]{1,5}(h|m|s|ms)){1,4}$";

    private static final Pattern WHOLE = Pattern.compile(PATTERN);
    private static final Pattern PART = Pattern.compile("([0-9]+)(ms|h|m|s)");

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);

    private Durations() {}

    /**
     * Reads the written form.
     *
     * @throws IllegalArgumentException with a sentence that says what to write instead
     */
    public static Duration parse(String text) {
        if (!WHOLE.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no duration; write numbers with the units h, m, s, ms, such as 10s or 1h30m");
        }
        Duration sum = Duration.ZERO;
        Matcher part = PART.matcher(text);
        while (part.find()) {
            long count = Long.parseLong(part.group(1));
            sum = sum.plus(
                    switch (part.group(2)) {
                        case "h" -> Duration.ofHours(count);
                        case "m" -> Duration.ofMinutes(count);
                        case "s" -> Duration.ofSeconds(count);
                        default -> Duration.ofMillis(count);
                    });
        }
        return sum;
    }

    /** Writes the same form, to the millisecond; {@code 0s} for zero. */
    public static String format(Duration duration) {
        var text = new StringBuilder();
        append(text, duration.toHours(), "h");
        append(text, duration.toMinutesPart(), "m");
        append(text, duration.toSecondsPart(), "s");
        append(text, duration.toMillisPart(), "ms");
        return text.isEmpty() ? "0s" : text.toString();
    }

    /** Writes a duration for people: {@code 11 ms}, {@code 1.5 s}, {@code 2m 30s}, {@code 1h 5m}, {@code 3d 11h}. */
    public static String words(Duration duration) {
        if (duration.compareTo(SECOND) < 0) {
            return duration.isPositive() ? duration.toMillis() + " ms" : "0 s";
        }
        if (duration.compareTo(MINUTE) < 0) {
            return duration.toSeconds() + hundredths(duration.toMillisPart() / 10) + " s";
        }
        if (duration.compareTo(HOUR) < 0) {
            return two(duration.toMinutes() + "m", duration.toSecondsPart(), "s");
        }
        if (duration.compareTo(DAY) < 0) {
            return two(duration.toHours() + "h", duration.toMinutesPart(), "m");
        }
        return two(duration.toDays() + "d", duration.toHoursPart(), "h");
    }

    private static String hundredths(int count) {
        if (count == 0) {
            return "";
        }
        return count % 10 == 0 ? "." + count / 10 : (count < 10 ? ".0" : ".") + count;
    }

    private static String two(String large, int rest, String unit) {
        return rest == 0 ? large : large + " " + rest + unit;
    }

    private static void append(StringBuilder text, long count, String unit) {
        if (count > 0) {
            text.append(count).append(unit);
        }
    }
}
