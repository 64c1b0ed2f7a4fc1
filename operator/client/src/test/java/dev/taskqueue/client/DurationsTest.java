package dev.taskqueue.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "PT0S, 0s",
        "PT0.000000001S, 1ms",
        "PT0.1S, 100ms",
        "PT30S, 30s",
        "PT24H, 24h",
        "P7D, 168h",
        "PT1H30M0.25S, 1h30m250ms",
        "PT99999H, 99999h"
    })
    void isWrittenAsTheApiReadsIt(Duration duration, String text) {
        assertThat(Durations.text(duration)).isEqualTo(text);
        assertThat(Durations.parse(text))
                .hasValueSatisfying(read -> assertThat(Durations.text(read)).isEqualTo(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "1d", "-1s", "1.5s", "100000h", "1h1h1h1h1h", " 1s"})
    void textThatTheApiRefusesIsNoDuration(String text) {
        assertThat(Durations.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT-0.001S", "PT100000H"})
    void whatTheApiCannotReadIsRefused(Duration duration) {
        assertThatIllegalArgumentException().isThrownBy(() -> Durations.text(duration));
    }
}
