package dev.taskqueue.operator.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.testing.TestCluster;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Whole operators in simulated worlds. {@code mvn -Psimulate verify} runs nothing else.
 *
 * <p>The first seeds are always the same, and always run. After them come {@code -Dsimulate.fresh} seeds that are chosen at random, and then further fixed
 * ones, until there were {@code -Dsimulate.tasks}, {@code -Dsimulate.items} and {@code -Dsimulate.faults}, or until {@code -Dsimulate.minutes} have passed;
 * 0 = no limit. A slow machine sees fewer worlds, and the run says how many. {@code -Dseeds=7,8} runs these and no others.
 * {@code -Dsimulate.processes=4} sets how many run at a time, and {@code -Dsimulate.failures=10} after how many seeds that break a rule the run ends.
 */
@Order(TestCluster.LONG_FIRST)
class OperatorSimulationIT {
    private static final long FIRST = 30;
    private static final int RUNS = 27;

    private static final int FAILURES = 3;

    @Test
    void operatorsKeepTheContractInEveryWorld() {
        long[] given = Arrays.stream(System.getProperty("seeds", "").split(","))
                .filter(text -> !text.isBlank())
                .mapToLong(text -> Long.parseLong(text.strip()))
                .toArray();
        boolean isGiven = given.length > 0;
        long[] seeds = isGiven ? given : LongStream.range(FIRST, FIRST + RUNS).toArray();
        var amounts = isGiven ? WorldCounts.NONE : goal();
        var goal = new SimulationSuite.Goal(
                amounts,
                seeds.length,
                Duration.ofMinutes(Long.getLong("simulate.minutes", 0)),
                Integer.getInteger("simulate.failures", FAILURES));
        var summary = new SimulationSuite(goal, isGiven ? number -> seeds[(int) number] : withFurther(seeds))
                .run(processes());
        System.out.println(summary.text());
        assertThat(summary.failures())
                .as("worlds in which a rule was broken; run one again with: mvn -Psimulate verify -Dseeds=SEED")
                .extracting(SimulationSuite.Failed::seed)
                .isEmpty();
        if (!isGiven) {
            assertThat(summary.coverage().missing())
                    .as("what no world has shown, though it can happen")
                    .isEmpty();
        }
        assertThat(summary.counts().tasks()).as("Tasks in all worlds").isPositive();
    }

    private static WorldCounts goal() {
        return new WorldCounts(
                Long.getLong("simulate.tasks", 0),
                Long.getLong("simulate.items", 0),
                Long.getLong("simulate.faults", 0));
    }

    private static int processes() {
        int given = Integer.getInteger("simulate.processes", 0);
        return given > 0 ? given : Runtime.getRuntime().availableProcessors();
    }

    private static LongUnaryOperator withFurther(long[] first) {
        long fresh = Long.getLong("simulate.fresh", 0);
        long firstFresh = new SecureRandom().nextLong(1L << 40) + Deck.FRESH;
        System.out.printf(
                "after %d seeds, up to %d fresh ones from %d, then fixed ones from %d%n",
                first.length, fresh, firstFresh, Deck.FURTHER);
        return number -> {
            long further = number - first.length;
            if (further < 0) {
                return first[(int) number];
            }
            return further < fresh ? firstFresh + further : Deck.FURTHER + further - fresh;
        };
    }
}
