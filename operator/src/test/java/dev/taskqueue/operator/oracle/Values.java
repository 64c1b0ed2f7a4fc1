package dev.taskqueue.operator.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** Reads times, durations and quantities in the forms of the CRDs. Times and durations are nanoseconds; a time counts from 1970. */
final class Values {
    /** A time that is absent and would be a latest one. */
    static final long NEVER = Long.MAX_VALUE;
    /** A time that is absent and would be an earliest one. */
    static final long ALWAYS = Long.MIN_VALUE;

    private static final long SECOND = 1_000_000_000;
    private static final long LAST_SECOND = 9_000_000_000L;

    private Values() {}

    static long nanos(Instant time) {
        return time(time.getEpochSecond(), time.getNano());
    }

    static long nanos(Duration time) {
        return time.compareTo(Duration.ofDays(100 * 365)) > 0 ? NEVER : time.toNanos();
    }

    static Instant instant(long nanos) {
        return Instant.ofEpochSecond(Math.floorDiv(nanos, SECOND), Math.floorMod(nanos, SECOND));
    }

    static Duration duration(long nanos) {
        return Duration.ofNanos(nanos);
    }

    /** The sum, where neither {@link #NEVER} nor {@link #ALWAYS} becomes anything else. */
    static long plus(long time, long duration) {
        if (time == NEVER || time == ALWAYS) {
            return time;
        }
        long sum = time + duration;
        return ((time ^ sum) & (duration ^ sum)) < 0 ? (duration > 0 ? NEVER : ALWAYS) : sum;
    }

    static String text(@Nullable JsonNode object, String field) {
        JsonNode value = object == null ? null : object.get(field);
        return value == null || value.isNull() ? "" : value.asText();
    }

    static @Nullable String textOrNull(@Nullable JsonNode object, String field) {
        JsonNode value = object == null ? null : object.get(field);
        return value == null || value.isNull() ? null : value.asText();
    }

    static int number(@Nullable JsonNode object, String field, int otherwise) {
        JsonNode value = object == null ? null : object.get(field);
        return value == null || value.isNull() ? otherwise : value.asInt();
    }

    static long time(@Nullable JsonNode object, String field, long otherwise) {
        String text = text(object, field);
        return text.isEmpty() ? otherwise : parseTime(text, otherwise);
    }

    static long duration(@Nullable JsonNode object, String field, long otherwise) {
        String text = text(object, field);
        return text.isEmpty() ? otherwise : parseDuration(text);
    }

    /** RFC 3339. */
    static long parseTime(String text, long otherwise) {
        try {
            return text.length() >= 20 && text.charAt(10) == 'T' && text.charAt(text.length() - 1) == 'Z'
                    ? parseUtc(text)
                    : nanos(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException | NumberFormatException | StringIndexOutOfBoundsException unreadable) {
            return otherwise;
        }
    }

    private static long parseUtc(String text) {
        long day = LocalDate.of(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10))
                .toEpochDay();
        long second = day * 86_400 + digits(text, 11, 13) * 3_600L + digits(text, 14, 16) * 60L + digits(text, 17, 19);
        int nano = 0;
        int scale = 100_000_000;
        for (int i = 20; i < text.length() - 1 && scale > 0; i++, scale /= 10) {
            nano += digits(text, i, i + 1) * scale;
        }
        return time(second, nano);
    }

    private static int digits(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }

    private static long time(long second, int nano) {
        return second > LAST_SECOND ? NEVER : second < -LAST_SECOND ? ALWAYS : second * SECOND + nano;
    }

    /** The form of the Gateway API, such as {@code 1h30m} or {@code 100ms}. */
    static long parseDuration(String text) {
        long sum = 0;
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9') {
                value = value * 10 + c - '0';
                continue;
            }
            boolean millis = c == 'm' && i + 1 < text.length() && text.charAt(i + 1) == 's';
            sum += value * (millis ? 1_000_000 : c == 'h' ? 3_600 * SECOND : c == 'm' ? 60 * SECOND : SECOND);
            value = 0;
            i += millis ? 1 : 0;
        }
        return sum;
    }

    /** A quantity of Kubernetes, such as {@code "0.5"} or {@code 500m}. */
    static double quantity(@Nullable JsonNode object, String field, double otherwise) {
        String text = text(object, field);
        if (text.isEmpty()) {
            return otherwise;
        }
        char last = text.charAt(text.length() - 1);
        double factor = switch (last) {
            case 'n' -> 1e-9;
            case 'u' -> 1e-6;
            case 'm' -> 1e-3;
            case 'k' -> 1e3;
            case 'M' -> 1e6;
            default -> 1;
        };
        String digits = Character.isDigit(last) || last == '.' ? text : text.substring(0, text.length() - 1);
        return new BigDecimal(digits).doubleValue() * factor;
    }
}
