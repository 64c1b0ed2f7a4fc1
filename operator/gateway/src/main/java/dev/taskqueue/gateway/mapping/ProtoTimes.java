package dev.taskqueue.gateway.mapping;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import dev.taskqueue.gateway.failure.RpcFailure;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** ProtoTimes and durations of messages and of objects. */
final class ProtoTimes {
    private static final long MOST_SECONDS = 315_576_000_000L;

    private ProtoTimes() {}

    /** Reads a time of a message, to the microsecond as Cloud Tasks keeps it. */
    static Instant instant(Timestamp time, String field) {
        if (!Timestamps.isValid(time)) {
            throw RpcFailure.invalid(field, field + " is no time between the years 1 and 9999.");
        }
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos()).truncatedTo(ChronoUnit.MICROS);
    }

    /** Reads a duration of a message. */
    static java.time.Duration duration(Duration duration, String field) {
        boolean mixed = (duration.getSeconds() > 0 && duration.getNanos() < 0)
                || (duration.getSeconds() < 0 && duration.getNanos() > 0);
        if (mixed
                || Math.abs(duration.getSeconds()) > MOST_SECONDS
                || Math.abs((long) duration.getNanos()) > 999_999_999) {
            throw RpcFailure.invalid(field, field + " is no duration.");
        }
        return java.time.Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
    }

    /** Reads a time of an object; absent if it is missing or is no time. */
    static Optional<Instant> instant(String written) {
        if (written.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(written).toInstant());
        } catch (DateTimeException unreadable) {
            return Optional.empty();
        }
    }

    /** A time for a message. */
    static Timestamp timestamp(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }

    /** A duration for a message. */
    static Duration duration(java.time.Duration duration) {
        return Duration.newBuilder()
                .setSeconds(duration.getSeconds())
                .setNanos(duration.getNano())
                .build();
    }
}
