package dev.taskqueue.operator.task;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
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

    private Times() {}

    /** Reads a time; empty if there is none, if it cannot be read, or if it could not be written back. */
    public static Optional<Instant> read(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant())
                    .filter(time -> !time.isBefore(FIRST) && !time.isAfter(LAST));
        } catch (DateTimeException unreadable) {
            return Optional.empty();
        }
    }

    public static String format(Instant instant) {
        return bounded(instant).truncatedTo(ChronoUnit.MILLIS).toString();
    }

    static String formatSeconds(Instant instant) {
        return bounded(instant).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static Instant bounded(Instant instant) {
        return instant.isBefore(FIRST) ? FIRST : instant.isAfter(LAST) ? LAST : instant;
    }
}
