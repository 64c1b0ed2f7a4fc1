package dev.taskqueue.operator.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.taskqueue.operator.domain.Throttle.Window;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThrottleTest {
    private static final Window ALL_503 = new Window(500, 500, 500);
    private static final Window ALL_WELL = new Window(500, 0, 0);

    @Test
    void fallsByThirtyPercentToOnePercentAndRecoversByFivePercentOfTheRate() {
        double rate = 100;
        for (double expected : new double[] {70, 49, 34.3, 24.01, 16.807, 11.7649}) {
            rate = Throttle.next(100, rate, ALL_503);
            assertThat(rate).isCloseTo(expected, within(1e-9));
        }
        for (int window = 0; window < 10; window++) {
            rate = Throttle.next(100, rate, ALL_503);
        }
        assertThat(rate).isEqualTo(1);
        for (double expected : new double[] {6, 11, 16}) {
            rate = Throttle.next(100, rate, ALL_WELL);
            assertThat(rate).isCloseTo(expected, within(1e-9));
        }
        for (int window = 0; window < 17; window++) {
            assertThat(rate).isLessThan(100);
            rate = Throttle.next(100, rate, ALL_WELL);
        }
        assertThat(rate).isEqualTo(100);
        assertThat(Throttle.next(100, rate, ALL_WELL)).isEqualTo(100);
    }

    @ParameterizedTest(name = "of {0} attempts {1} were 429 or 503 and {2} any 5xx: slower {3}")
    @CsvSource({
        "100, 10, 10, false",
        "100, 11, 11, true",
        "100, 11, 0, true",
        "100, 0, 50, false",
        "100, 0, 51, true",
        "10, 1, 1, false",
        "10, 2, 2, true",
        "9, 9, 9, false",
        "0, 0, 0, false",
    })
    void slowsDownOnlyAboveItsThresholds(int attempts, int overloaded, int serverErrors, boolean slower) {
        double next = Throttle.next(100, 50, new Window(attempts, overloaded, serverErrors));
        assertThat(next).isCloseTo(slower ? 35 : 55, within(1e-9));
    }

    @ParameterizedTest(name = "{0}/s enforced, {1} attempts that all fail: slower {2}")
    @CsvSource({
        "2.2, 10, true",
        "2.2, 9, false",
        "1.0, 5, true",
        "1.0, 4, false",
        "0.5, 2, true",
        "0.5, 1, false",
        "0.15, 1, true",
        "0.15, 0, false",
    })
    void whereTheRateAllowsFewerThanTenAttemptsThoseAreEnough(double enforced, int attempts, boolean slower) {
        double next = Throttle.next(4, enforced, new Window(attempts, attempts, attempts));
        assertThat(next < enforced).isEqualTo(slower);
    }

    @ParameterizedTest(name = "a rate of {0}/s never falls below {1}/s")
    @CsvSource({"1000, 10", "100, 1", "10, 0.1", "1, 0.1", "0.1, 0.1", "0.05, 0.05"})
    void theFloorIsATenthPerSecondOrOnePercentAndNeverAboveTheRate(double limit, double floor) {
        double rate = limit;
        for (int window = 0; window < 40; window++) {
            rate = Throttle.next(limit, rate, ALL_503);
        }
        assertThat(rate).isCloseTo(floor, within(1e-12));
    }
}
