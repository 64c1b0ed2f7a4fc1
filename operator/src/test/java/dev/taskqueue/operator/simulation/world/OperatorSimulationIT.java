package dev.taskqueue.operator.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Whole operators in simulated worlds. A build runs some fixed seeds. {@code mvn -Psimulate verify} runs nothing else, and takes {@code
 * -Dsimulate.tasks=1000000} (after the fixed seeds come fresh ones) or {@code -Dseeds=7,8} (these and no others). It takes
 * {@code -Dsimulate.processes=4}, else as many as there are processors, and {@code -Dsimulate.failures=10}: so many seeds that break a rule end the run.
 */
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
        long tasks = Long.getLong("simulate.tasks", 0);
        long[] seeds = given.length > 0 ? given : fixed();
        boolean endless = given.length == 0 && tasks > 0;
        var goal = new SimulationSuite.Goal(
                endless ? tasks : 0, seeds.length, Integer.getInteger("simulate.failures", FAILURES));
        var summary = new SimulationSuite(goal, endless ? fixedAndFresh(seeds) : number -> seeds[(int) number])
                .run(processes());
        System.out.println(summary.text());
        assertThat(summary.failures())
                .as("worlds in which a rule was broken; run one again with: mvn -Psimulate verify -Dseeds=SEED")
                .extracting(SimulationSuite.Failed::seed)
                .isEmpty();
        if (given.length == 0) {
            assertThat(summary.coverage().missing())
                    .as("what no world has shown, though it can happen")
                    .isEmpty();
        }
        assertThat(summary.tasks()).as("Tasks in all worlds").isPositive();
    }

    private static int processes() {
        int given = Integer.getInteger("simulate.processes", 0);
        return given > 0 ? given : Runtime.getRuntime().availableProcessors();
    }

    private static long[] fixed() {
        return LongStream.range(FIRST, FIRST + RUNS).toArray();
    }

    private static LongUnaryOperator fixedAndFresh(long[] fixed) {
        long first = new SecureRandom().nextLong(1L << 40) + Deck.FRESH;
        System.out.println("fresh seeds from " + first);
        return number -> number < fixed.length ? fixed[(int) number] : first + number;
    }
}
