package dev.taskqueue.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.domain.RateLimit;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.engine.EngineLimits;
import dev.taskqueue.operator.plan.Forecast.Load;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForecastTest {
    private static final EngineLimits LIMITS = new EngineLimits(10_000, 1000);

    /** The last of N Tasks is sent (N - burst) / rate after the first one, and then its handler takes its time. */
    @ParameterizedTest(name = "{0}/s, burst {1}, {2} Tasks of {3}")
    @CsvSource({"25, 10, 1000, 100ms", "25, 10, 1000, 0s", "500, 100, 5000, 20ms", "0.5, 1, 50, 1s", "100, 1, 700, 3s"})
    void aBacklogIsGoneWhenBurstAndRateSay(double rate, int burst, int tasks, String handler) {
        Duration takes = Durations.parse(handler);

        Forecast forecast = Forecast.of(settings(rate, burst, 1000, "744h", false), new Load(tasks, takes), LIMITS);

        assertThat(forecast.rehearsed()).isEqualTo(tasks);
        assertThat(forecast.run().ended(Ending.Reason.Delivered)).isEqualTo(tasks);
        assertThat(seconds(forecast.took())).isCloseTo((tasks - burst) / rate + seconds(takes), within(0.002));
    }

    @Test
    void slotsBoundTheBacklogWhereHandlersTakeLong() {
        Forecast forecast =
                Forecast.of(settings(500, 100, 20, "1h", false), new Load(1000, Duration.ofSeconds(2)), LIMITS);

        assertThat(forecast.perSecond()).isEqualTo(10);
        assertThat(forecast.run().mostOpen()).isEqualTo(20);
        assertThat(forecast.took()).isEqualTo(Duration.ofSeconds(100));
    }

    @ParameterizedTest(name = "{0}/s, burst {1}, {2} at a time, handlers of {3}")
    @CsvSource({"25, 10, 10, 100ms", "500, 100, 1000, 300ms", "500, 100, 20, 100ms", "2000, 3000, 50, 10ms"})
    void whatIsReckonedIsWhatTheEngineDoes(double rate, int burst, int concurrent, String handler) {
        QueueSettings settings = settings(rate, burst, concurrent, "744h", false);
        Duration takes = Durations.parse(handler);
        int many = 20_001;

        Forecast reckoned = Forecast.of(settings, new Load(many, takes), LIMITS);
        var whole = Simulation.of(
                settings,
                new Simulation.Scene(many, takes, Duration.ZERO, LIMITS),
                new Simulation.Bounds(Integer.MAX_VALUE, Long.MAX_VALUE));

        assertThat(reckoned.rehearsed()).isLessThan(many);
        assertThat(seconds(reckoned.took())).isCloseTo(seconds(whole.took()), within(0.001 * seconds(whole.took())));
    }

    @Test
    void theSlowestQueueAndTheLargestBacklogAreTold() {
        Forecast forecast = Forecast.of(
                settings(0.001, 10, 1000, "744h", false), new Load(10_000_000, Duration.ofMillis(100)), LIMITS);

        assertThat(seconds(forecast.took())).isCloseTo(9_999_990_000.0, within(1000.0));
    }

    @Test
    void anOutageSlowsAnAdaptiveQueueDownAndTheBacklogGoesOnAfterIt() {
        QueueSettings settings = settings(100, 10, 100, "744h", true);
        var load = new Load(2000, Duration.ofMillis(100));

        Forecast outage = Forecast.ofOutage(settings, load, Duration.ofMinutes(2), LIMITS);

        assertThat(outage.run().lowestRate()).isEqualTo(1);
        assertThat(outage.run().ended(Ending.Reason.Delivered)).isEqualTo(2000);
        assertThat(outage.took()).isBetween(Duration.ofMinutes(2), Duration.ofMinutes(5));
        assertThat(outage.run().attempts()).isBetween(2500, 5000);
    }

    @Test
    void anOutageLongerThanTheRetriesFailsTasks() {
        QueueSettings settings = settings(100, 10, 100, "744h", false);

        Forecast outage = Forecast.ofOutage(settings, new Load(500, Duration.ZERO), Duration.ofMinutes(10), LIMITS);

        // Three attempts each, 1 s and 2 s apart.
        assertThat(outage.run().ended(Ending.Reason.RetriesExhausted)).isEqualTo(500);
        assertThat(outage.run().attempts()).isEqualTo(1500);
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    private static QueueSettings settings(double rate, int burst, int concurrent, String unfinished, boolean adaptive) {
        var retry = new RetryPolicy(
                adaptive ? 100 : 3,
                Duration.ZERO,
                RetryPolicy.GiveUp.WhenBoth,
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                16,
                0,
                Set.of());
        return new QueueSettings(
                false, new RateLimit(rate, burst), concurrent, retry, adaptive, Durations.parse(unfinished));
    }
}
