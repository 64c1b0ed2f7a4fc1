package dev.taskqueue.operator.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SimulationSuiteTest {
    private static final WorldCounts WANTED = new WorldCounts(1_000, 500, 20);
    private static final WorldCounts MORE = new WorldCounts(1_001, 500, 40);
    private static final WorldCounts FEWER_ITEMS = new WorldCounts(1_001, 499, 40);
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Duration SOON = Duration.ofMinutes(1);

    private final SimulationSuite.Goal goal = new SimulationSuite.Goal(WANTED, 3, LONGEST, 1);

    @Test
    void aRunEndsWhenEachCountIsReached() {
        assertThat(goal.isReached(FEWER_ITEMS, 3, SOON)).isFalse();
        assertThat(goal.isReached(MORE, 3, SOON)).isTrue();
    }

    @Test
    void aRunEndsWhenItsTimeIsOver() {
        assertThat(goal.isReached(FEWER_ITEMS, 3, LONGEST)).isTrue();
    }

    @Test
    void theFirstSeedsRunHoweverLongTheyTake() {
        assertThat(goal.isReached(MORE, 2, LONGEST)).isFalse();
    }

    @Test
    void aRunWithoutALimitGoesOnUntilItsCountsAreReached() {
        var patient = new SimulationSuite.Goal(WANTED, 3, Duration.ZERO, 1);
        assertThat(patient.isReached(FEWER_ITEMS, 3, Duration.ofDays(9))).isFalse();
    }

    @Test
    void aRunSaysWhatItHasDoneAndWhatItHasNot() {
        Map<String, Long> counted = Map.of("tasks", 2_000L, "items", 400L);
        var summary = new SimulationSuite.Summary(
                goal, 3, 77, counted, new Coverage(), LONGEST, Duration.ofSeconds(20), List.of());
        assertThat(summary.text())
                .startsWith("2,000 Tasks, 400 items of batches and 0 faults in 3 worlds, 77 steps, 300 s:"
                        + " 7 Tasks and 1 items a second, 100 and 20 in each second of a processor\n"
                        + "The run ended before it had reached 1,000 Tasks, 500 items of batches and 20 faults\n");
    }
}
