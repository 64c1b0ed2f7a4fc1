package dev.taskqueue.operator.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FailureStreakTest {
    private final FailureStreak streak = new FailureStreak();

    private static long at(String time) {
        return Durations.parse(time).toNanos();
    }

    @Test
    void theFirstFailureIsShownAndThenOneInFiveMinutes() {
        assertThat(streak.failed("403", at("0s"))).hasValue("");
        for (int second = 1; second < 300; second++) {
            assertThat(streak.failed("403", Duration.ofSeconds(second).toNanos()))
                    .isEmpty();
        }
        assertThat(streak.failed("403", at("5m"))).hasValue(" (for 5m, 301 failures)");
        assertThat(streak.failed("403", at("9m59s"))).isEmpty();
        assertThat(streak.failed("403", at("10m"))).hasValue(" (for 10m, 303 failures)");
    }

    @Test
    void anotherCauseIsShownAtOnceButManyCausesDoNotFillTheLog() {
        streak.failed("403", at("0s"));
        assertThat(streak.failed("500", at("1s"))).hasValue(" (for 1s, 2 failures)");
        assertThat(streak.failed("403", at("2s"))).isEmpty();
        assertThat(streak.failed("port 1", at("3s"))).isPresent();
        assertThat(streak.failed("port 2", at("4s"))).isEmpty();
        assertThat(streak.failed("port 3", at("5m3s"))).hasValue(" (for 5m3s, 6 failures)");
    }

    @Test
    void theEndIsShownOnce() {
        assertThat(streak.ended(at("0s"))).isEmpty();
        streak.failed("403", at("1s"));
        streak.failed("403", at("2s"));
        assertThat(streak.ended(at("26s500ms"))).hasValue("after 25s and 2 failures");
        assertThat(streak.ended(at("27s"))).isEmpty();
        assertThat(streak.failed("403", at("28s"))).as("a new streak").hasValue("");
        assertThat(streak.ended(at("28s"))).hasValue("after 0s and 1 failure");
    }
}
