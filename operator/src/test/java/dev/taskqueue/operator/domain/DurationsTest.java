package dev.taskqueue.operator.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

    @ParameterizedTest(name = "{0} is {1} ms")
    @CsvSource({
        "0s, 0",
        "0h0m, 0",
        "100ms, 100",
        "10s, 10000",
        "1m, 60000",
        "1h30m, 5400000",
        "1h2m3s4ms, 3723004",
        "4ms3s, 3004",
        "99999h, 359996400000",
        "90s90s, 180000",
    })
    void readsWhatTheCrdsAllow(String text, long millis) {
        assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "s",
                "10",
                "-1s",
                "1.5s",
                "1d",
                "10 s",
                " 10s",
                "10s ",
                "100000s",
                "1h1h1h1h1h",
                "10S",
                "1s\n"
            })
    void refusesAnythingElseAndSaysWhatToWrite(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Durations.parse(text))
                .withMessage("\"" + text
                        + "\" is no duration; write numbers with the units h, m, s, ms, such as 10s or 1h30m");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "1ms", "10s", "1m", "1h30m", "1h2m3s4ms", "31h", "744h"})
    void writesWhatItReads(String text) {
        assertThat(Durations.format(Durations.parse(text))).isEqualTo(text);
    }

    @Test
    void writesInTheLargestUnitsToTheMillisecond() {
        assertThat(Durations.format(Duration.ofSeconds(5401))).isEqualTo("1h30m1s");
        assertThat(Durations.format(Duration.ofNanos(1_999_999))).isEqualTo("1ms");
        assertThat(Durations.format(Duration.ofNanos(999_999))).isEqualTo("0s");
    }

    @ParameterizedTest(name = "{0} ms: {1}")
    @CsvSource({
        "0, 0 s",
        "11, 11 ms",
        "999, 999 ms",
        "1000, 1 s",
        "1500, 1.5 s",
        "14064, 14.06 s",
        "40000, 40 s",
        "59999, 59.99 s",
        "60000, 1m",
        "150500, 2m 30s",
        "3600000, 1h",
        "3905000, 1h 5m",
        "301773500, 3d 11h",
        "2678400000, 31d"
    })
    void writesForPeopleInTwoUnitsAtMost(long millis, String words) {
        assertThat(Durations.words(Duration.ofMillis(millis))).isEqualTo(words);
    }
}
