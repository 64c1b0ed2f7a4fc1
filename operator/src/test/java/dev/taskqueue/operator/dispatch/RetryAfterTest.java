package dev.taskqueue.operator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import okhttp3.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RetryAfterTest {
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0",
                "120 | 120",
                "' 7 ' | 7",
                "007 | 7",
                "99999999999999999999 | 999999999",
                "Sat, 21 Nov 2026 09:02:00 GMT | 120",
                "Sat, 21 Nov 2026 09:00:00 GMT | 0",
                "Saturday, 21-Nov-26 09:02:00 GMT | 120",
                "Sat Nov 21 09:02:00 2026 | 120",
                "Tue Dec  1 09:00:00 2026 | 864000"
            })
    void isSecondsOrADateInOneOfThreeForms(String value, long seconds) {
        assertThat(RetryAfter.parse(value, NOW)).contains(Duration.ofSeconds(seconds));
    }

    @Test
    void aYearOfTwoDigitsIsAtMostFiftyYearsAhead() {
        assertThat(RetryAfter.parse("Thursday, 21-Nov-75 09:00:00 GMT", NOW))
                .contains(Duration.between(NOW, Instant.parse("2075-11-21T09:00:00Z")));
        assertThat(RetryAfter.parse("Monday, 21-Nov-77 09:00:00 GMT", NOW)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-1",
                "1.5",
                "soon",
                "Sat, 21 Nov 2026 08:59:59 GMT",
                "Sat, 21 Nov 2026 09:02:00 CET",
                "Sat, 31 Feb 2026 09:02:00 GMT",
                "2026-11-21T09:02:00Z"
            })
    void whatIsPastOrUnreadableIsIgnored(String value) {
        assertThat(RetryAfter.parse(value, NOW)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"429, true", "503, true", "500, false", "301, false", "200, false", "408, false"})
    void onlyAnOverloadedWorkersWishCounts(int statusCode, boolean counts) {
        assertThat(ResponseReader.read(statusCode, Headers.of("Retry-After", "3"), NOW))
                .isEqualTo(new Outcome.Answered(
                        statusCode, counts ? Optional.of(Duration.ofSeconds(3)) : Optional.empty(), false));
    }

    @ParameterizedTest
    @CsvSource({"true, true", "' TRUE ', true", "false, false", "1, false", "'', false"})
    void noRetryIsAskedForByTrueAlone(String value, boolean noRetry) {
        assertThat(ResponseReader.read(400, Headers.of("taskqueue-NO-retry", value), NOW))
                .isEqualTo(new Outcome.Answered(400, Optional.empty(), noRetry));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 101, 199, 600, 999})
    void aStatusOutside200To599IsUnexpected(int statusCode) {
        assertThat(ResponseReader.read(statusCode, Headers.of(), NOW))
                .isInstanceOf(Outcome.Unanswered.class)
                .extracting(Outcome::reason)
                .isEqualTo(AttemptReason.UnexpectedStatus);
    }
}
