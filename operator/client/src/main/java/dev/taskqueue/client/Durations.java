package dev.taskqueue.client;

import java.time.Duration;

/** Durations in the form that the API reads. Programs that write objects themselves may use it, too. */
public final class Durations {
    private static final Duration LONGEST = Duration.ofHours(99_999);

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

    private static String part(long count, String unit) {
        return count == 0 ? "" : count + unit;
    }
}
