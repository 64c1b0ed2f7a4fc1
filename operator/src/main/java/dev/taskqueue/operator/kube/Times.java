package dev.taskqueue.operator.kube;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;

/** RFC 3339 as our status has it: UTC, to the millisecond; conditions to the second, as Kubernetes' own. */
final class Times {
    private Times() {}

    static Instant parse(String text) {
        return OffsetDateTime.parse(text).toInstant();
    }

    static String format(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    static String formatSeconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
