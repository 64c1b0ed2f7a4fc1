package dev.taskqueue.operator.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers in the pictures. */
class UnitsTest {
    @ParameterizedTest
    @CsvSource({
        "19.04, ops, 19/s",
        "2.001, ops, 2/s",
        "0.1667, ops, 0.167/s",
        "0.5, short, 0.5",
        "1200, short, 1200",
        "20000, short, 20k",
        "0.03601, s, 36 ms",
        "12.5, s, 12.5 s",
        "0.0313, percentunit, 3.13 %",
        "125829120, bytes, 120 MiB",
        "6110052352, bytes, 5.69 GiB"
    })
    void aNumberIsShortAndHasItsUnit(double value, String unit, String text) {
        assertThat(Units.format(value, unit)).isEqualTo(text);
    }
}
