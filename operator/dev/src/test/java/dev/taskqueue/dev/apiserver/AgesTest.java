package dev.taskqueue.dev.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgesTest {
    @ParameterizedTest
    @CsvSource({
        "PT0S, 0s",
        "PT-1S, 0s",
        "PT-5S, <invalid>",
        "PT119S, 119s",
        "PT120S, 2m",
        "PT3M20S, 3m20s",
        "PT10M59S, 10m",
        "PT2H30M, 150m",
        "PT3H, 3h",
        "PT7H5M, 7h5m",
        "PT47H, 47h",
        "P2DT3H, 2d3h",
        "P8DT3H, 8d",
        "P400D, 400d"
    })
    void asKubectlsUsersKnowThem(Duration age, String text) {
        assertThat(Ages.of(age)).isEqualTo(text);
    }
}
