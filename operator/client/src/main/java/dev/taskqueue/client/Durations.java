package dev.taskqueue.client;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations in the form of the API. Programs that read and write objects themselves may use it, too. */
public final class Durations {
    private static final Duration LONGEST = Duration.ofHours(99_999);
    private static final Pattern WHOLE = Pattern.compile("([0-9]{1,5}(h|m|s|ms)){1,4}");
    private static final Pattern PART = Pattern.compile("([0-9]+)(ms|h|m|s)");

    private Durations() {}

    /** Writes a duration such as {@code 1h30m}; parts of a millisecond count as a whole one, so that nothing is early. */
    public static String text(Duration duration) {
        if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "The duration " + duration + " is not between 0 and " + LONGEST + "; give one that is.");
        }
        Duration whole = duration.plusNanos(999_999);
        String text = part(whole.toHours(), "h")
                + part(whole.toMinutesPart(), "m")
                + part(whole.toSecondsPart(), "s")
                + part(whole.toMillisPart(), "ms");
        return text.isEmpty() ? "0s" : text;
    }

    /** Reads a duration such as {@code 1h30m} or {@code 100ms}; absent for text that the API refuses. */
    public static Optional<Duration> parse(String text) {
        if (!WHOLE.matcher(text).matches()) {
            return Optional.empty();
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
        return Optional.of(sum);
    }

    private static String part(long count, String unit) {
        return count == 0 ? "" : count + unit;
    }
}
