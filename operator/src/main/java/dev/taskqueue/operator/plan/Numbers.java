package dev.taskqueue.operator.plan;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** How numbers are written. */
final class Numbers {
    private Numbers() {}

    /** To three digits, without zeros at the end; whole numbers as they are. */
    static String number(double value) {
        if (value >= 100) {
            return String.format(Locale.ROOT, "%,d", Math.round(value));
        }
        return new BigDecimal(value)
                .round(new MathContext(3))
                .stripTrailingZeros()
                .toPlainString();
    }

    static String count(int count, String one) {
        return number(count) + " " + one + (count == 1 ? "" : "s");
    }

    /** To the second, up, where it is longer than a minute. */
    static Duration seconds(Duration duration) {
        return duration.compareTo(Duration.ofMinutes(1)) < 0
                ? duration
                : duration.plusNanos(999_999_999).truncatedTo(ChronoUnit.SECONDS);
    }
}
