package dev.taskqueue.operator.task;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes times as objects of the API server have them (RFC 3339). Others may have written a time that the API server takes and Java
 * cannot read: it counts as absent. The operator writes UTC with milliseconds, and in conditions with seconds as Kubernetes does.
 */
public final class Times {
    /** The API server takes no earlier year than this, and no later one than {@link #LAST}. */
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

    static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    /** The usual form; more digits may follow. */
    private static final String UTC = "0000-00-00T00:00:00.";

    /** The length without a fraction, and with nine digits of it; without the Z. */
    private static final int SHORTEST = 19;

    private static final int LONGEST = 29;

    private Times() {}

    /** Reads a time; empty if there is none, if it cannot be read, or if it could not be written back. */
    public static Optional<Instant> read(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        try {
            Instant usual = readUtc(text);
            return Optional.of(usual == null ? OffsetDateTime.parse(text).toInstant() : usual)
                    .filter(time -> !time.isBefore(FIRST) && !time.isAfter(LAST));
        } catch (DateTimeException unreadable) {
            return Optional.empty();
        }
    }

    /**
     * Reads the form that nearly all times have, such as {@code 2026-11-21T09:00:00.123Z}. A process reads several for each change of a Task.
     *
     * @return null if it is another form, or no time
     */
    private static @Nullable Instant readUtc(String text) {
        int end = text.length() - 1;
        if (end < SHORTEST || end > LONGEST || !isUtc(text, end)) {
            return null;
        }
        int nanos = end == SHORTEST ? 0 : number(text, SHORTEST + 1, end);
        for (int digits = end - SHORTEST; digits < 10 && nanos > 0; digits++) {
            nanos *= 10;
        }
        return LocalDateTime.of(
                        number(text, 0, 4),
                        number(text, 5, 7),
                        number(text, 8, 10),
                        number(text, 11, 13),
                        number(text, 14, 16),
                        number(text, 17, SHORTEST),
                        nanos)
                .toInstant(ZoneOffset.UTC);
    }

    /** Whether there are digits and punctuation where that form has them. */
    private static boolean isUtc(String text, int end) {
        for (int i = 0; i < end; i++) {
            char expected = i <= SHORTEST ? UTC.charAt(i) : '0';
            char found = text.charAt(i);
            if (expected == '0' ? found < '0' || found > '9' : found != expected) {
                return false;
            }
        }
        return text.charAt(end) == 'Z' && end != SHORTEST + 1;
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }

    public static String format(Instant instant) {
        return bounded(instant).truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /** Without a fraction, as conditions have it. */
    public static String formatSeconds(Instant instant) {
        return bounded(instant).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static Instant bounded(Instant instant) {
        return instant.isBefore(FIRST) ? FIRST : instant.isAfter(LAST) ? LAST : instant;
    }
}
