package dev.taskqueue.operator.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {
    @ParameterizedTest
    @CsvSource({
        "2026-11-21T09:00:00Z,2026-11-21T09:00:00Z",
        "2026-11-21T09:00:00.5Z,2026-11-21T09:00:00.500Z",
        "2026-11-21T23:59:59.000000001Z,2026-11-21T23:59:59.000000001Z",
        "2024-02-29T00:00:00.120Z,2024-02-29T00:00:00.120Z",
        "2026-11-21t09:00:00z,2026-11-21T09:00:00Z",
        "2026-11-21T09:00:00-00:00,2026-11-21T09:00:00Z",
        "2026-11-21T09:00:00+18:00,2026-11-20T15:00:00Z",
        "2026-11-21T09:00:00.123456789Z,2026-11-21T09:00:00.123456789Z",
        "0001-01-01T00:00:00Z,0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999999Z,9999-12-31T23:59:59.999999999Z"
    })
    void whatIsATimeIsRead(String text, Instant time) {
        assertThat(Times.read(text)).contains(time);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tomorrow",
                "2026-11-21",
                "2026-11-21T09:00:00",
                "2026-11-21T09:00:00+19:00",
                "2026-11-21T09:00:60Z",
                "2026-02-29T09:00:00Z",
                "2026-02-29T09:00:00.5Z",
                "2026-11-21T09:00:00.1234567891Z",
                "2026-11-21T09:00:00,5Z",
                "2026-11-21 09:00:00Z",
                "2026-11-21T24:00:00Z",
                "0000-12-31T23:59:59Z",
                "0001-01-01T00:00:00+01:00",
                "9999-12-31T23:59:59-01:00",
                "+10000-01-01T00:00:00Z"
            })
    void whatIsNoneAndWhatCouldNotBeWrittenBackIsAbsent(String text) {
        assertThat(Times.read(text)).isEmpty();
        assertThat(Times.read(null)).isEmpty();
    }

    @Test
    void whatIsWrittenIsATimeThatTheApiServerTakes() {
        assertThat(Times.format(Instant.MAX)).isEqualTo("9999-12-31T23:59:59.999Z");
        assertThat(Times.formatSeconds(Instant.MIN)).isEqualTo("0001-01-01T00:00:00Z");
        assertThat(Times.format(Instant.parse("2026-11-21T09:00:00.1239Z"))).isEqualTo("2026-11-21T09:00:00.123Z");
    }
}
