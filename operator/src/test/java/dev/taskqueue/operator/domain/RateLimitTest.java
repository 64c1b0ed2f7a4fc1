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
}
