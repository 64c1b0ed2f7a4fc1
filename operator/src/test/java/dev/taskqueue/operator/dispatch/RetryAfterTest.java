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
                "2.5 | 3",
                "2.0 | 2",
                "0.001 | 1",
                ".5 | 1",
                "2. | 2",
                "+5 | 5",
                "30s | 30",
                "30 seconds | 30",
                "1 sec | 1",
                "'\"120\"' | 120",
                "'5, 120' | 120",
                "'120,5' | 120"
            })
    void isSecondsAndAFractionIsRoundedUp(String value, long seconds) {
        assertThat(RetryAfter.parse(value, NOW)).contains(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Sat, 21 Nov 2026 09:02:00 GMT | 120",
                "Sat, 21 Nov 2026 09:00:00 GMT | 0",
                "Sat, 21 Nov 2026 08:59:59 GMT | 0",
                "Saturday, 21-Nov-26 09:02:00 GMT | 120",
                "Sat Nov 21 09:02:00 2026 | 120",
                "Tue Dec  1 09:00:00 2026 | 864000",
                "Tue, 1 Dec 2026 09:00:00 GMT | 864000",
                "Tue, 01 Dec 2026 9:00:00 GMT | 864000",
                "sat, 21 nov 2026 09:02:00 gmt | 120",
                "Mon, 21 Nov 2026 09:02:00 GMT | 120",
                "21 Nov 2026 09:02:00 GMT | 120",
                "Sat, 21 November 2026 09:02:00 GMT | 120",
                "Sat, 21-Nov-2026 09:02:00 GMT | 120",
                "Sat, 21 Nov 26 09:02:00 GMT | 120",
                "Sat, 21 Nov 2026 09:02 GMT | 120",
                "Sat, 21 Nov 2026 09:02:00 UTC | 120",
                "Sat, 21 Nov 2026 09:02:00 Z | 120",
                "Sat, 21 Nov 2026 09:02:00 | 120",
                "Sat, 21 Nov 2026 10:02:00 +0100 | 120",
                "Sat, 21 Nov 2026 04:02:00 -05:00 | 120",
                "Sat, 21 Nov 2026 08:59:60 GMT | 0",
                "Sat Nov 21 09:02:00 UTC 2026 | 120",
                "Sat Nov 21 2026 10:02:00 GMT+0100 (Central European Standard Time) | 120",
                "2026-11-21T09:02:00Z | 120",
                "2026-11-21T09:02:00.250Z | 121",
                "2026-11-21T10:02:00+01:00 | 120",
                "2026-11-21 09:02:00 | 120"
            })
    void isADateAsWorkersWriteIt(String value, long seconds) {
        assertThat(RetryAfter.parse(value, NOW)).contains(Duration.ofSeconds(seconds));
    }

    @Test
    void aYearOfTwoDigitsIsAtMostFiftyYearsAhead() {
        assertThat(RetryAfter.parse("Thursday, 21-Nov-75 09:00:00 GMT", NOW))
                .contains(Duration.between(NOW, Instant.parse("2075-11-21T09:00:00Z")));
        assertThat(RetryAfter.parse("Monday, 21-Nov-77 09:00:00 GMT", NOW)).contains(Duration.ZERO);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                ".",
                "s",
                "-1",
                "soon",
                "1h",
                "1e3",
                "5; q=1",
                "Sat, 21 Nov 2026 09:02:00 CET",
                "Sat, 31 Feb 2026 09:02:00 GMT",
                "Sat, 21 Nov 2026 09:61:00 GMT",
                "Sat, 21 Nov 2026 09:02:00 +9900",
                "2026-13-21T09:02:00Z"
            })
    void whatCannotBeReadIsSaidInTheMessage(String value) {
        assertThat(RetryAfter.parse(value, NOW)).isEmpty();
        assertThat(ResponseReader.read(429, Headers.of("Retry-After", value), NOW))
                .isEqualTo(new Outcome.Answered(429, Optional.empty(), true, false))
                .extracting(Outcome::message)
                .isEqualTo(
                        "The worker answered 429. Its Retry-After cannot be read: let it send seconds, or a date like"
                                + " Sat, 21 Nov 2026 09:30:00 GMT.");
    }

    @Test
    void theMessageNamesThePauseThatTheWorkerAskedFor() {
        assertThat(ResponseReader.read(
                                503, Headers.of("Retry-After", "Sat, 21 Nov 2026 10:00:00 GMT"), NOW.plusMillis(1))
                        .message())
                .isEqualTo("The worker answered 503 and asked for a pause of 1h.");
        assertThat(ResponseReader.read(503, Headers.of("Retry-After", "0"), NOW).message())
                .isEqualTo("The worker answered 503.");
    }

    @Test
    void ofSeveralHeadersTheLongestPauseCounts() {
        assertThat(ResponseReader.read(
                        503, Headers.of("Retry-After", "9", "Retry-After", "3", "Retry-After", "?"), NOW))
                .isEqualTo(new Outcome.Answered(503, Optional.of(Duration.ofSeconds(9)), false));
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
