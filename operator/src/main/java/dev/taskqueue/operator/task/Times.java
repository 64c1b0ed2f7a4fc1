package dev.taskqueue.operator.task;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Times as objects of the API server have them, RFC 3339. What others wrote may be no time that Java reads, although the API server took it: then
 * it counts as absent. What is written is in UTC, to the millisecond; in conditions to the second, as Kubernetes' own.
 */
public final class Times {
    /** The API server takes no other years. */
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

    static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    private Times() {}

    /** Empty where there is none, where it cannot be read, and where it could not be written back. */
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
