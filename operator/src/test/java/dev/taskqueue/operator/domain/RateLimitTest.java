package dev.taskqueue.operator.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {

    @ParameterizedTest(name = "{0}/s bursts {1}")
    @CsvSource({"0.001, 10", "1, 10", "50, 10", "50.1, 11", "100, 20", "500, 100", "2500, 500", "10000, 500"})
    void aQueueThatNamesNoBurstHasAFifthOfASecondBetweenTenAndFiveHundred(double perSecond, int burst) {
        assertThat(RateLimit.defaultBurst(perSecond)).isEqualTo(burst);
    }

    @ParameterizedTest(name = "{0}/s with a burst of {1}: {2}")
    @CsvSource({"0.1, 10, true", "1, 10, true", "1.1, 10, false", "0.01, 1, false", "500, 100, false"})
    void aBurstOfTenSecondsAndMoreIsLarge(double perSecond, int burst, boolean large) {
        assertThat(new RateLimit(perSecond, burst).isBurstLarge()).isEqualTo(large);
    }
}
