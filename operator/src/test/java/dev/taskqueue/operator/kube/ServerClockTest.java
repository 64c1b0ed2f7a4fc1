package dev.taskqueue.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerClockTest {
    private static final Instant DATE = Instant.parse("2026-11-21T09:00:00Z");

    private final ServerClock clock = new ServerClock(InstantSource.system());

    @ParameterizedTest(name = "{0} to {1} ms after the date")
    @CsvSource({
        "0, 1000, 0",
        "4000, 4400, 0",
        "-4000, -3800, 0",
        "900000, 901000, 900000",
        "-900400, -898600, -900000",
        // Such answers say nothing.
        "900000, 902001, 0",
        "900000, 899999, 0"
    })
    void itMeasuresTheMiddleOfAnAnswerAndIgnoresSmallDifferences(long sent, long received, long aheadMillis) {
        look(sent, received);
        assertThat(clock.ahead()).isEqualTo(Duration.ofMillis(aheadMillis));
    }

    @Test
    void aClockThatWasCorrectedCountsAgain() {
        look(900_000, 901_000);
        clock.look((Instant) null, 0, 0);
        assertThat(clock.ahead()).isEqualTo(Duration.ofMinutes(15));
        look(0, 1000);
        assertThat(clock.ahead()).isZero();
    }

    private void look(long sentAfter, long receivedAfter) {
        clock.look(DATE, DATE.toEpochMilli() + sentAfter, DATE.toEpochMilli() + receivedAfter);
    }
}
