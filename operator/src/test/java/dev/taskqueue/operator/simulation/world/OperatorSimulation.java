package dev.taskqueue.operator.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Whole operators in simulated worlds. Half of the seeds are always the same, the others are fresh each time. {@code mvn -Psimulate verify} runs nothing
 * else; its properties: {@code simulate.tasks} and {@code simulate.faults} (how much to do), {@code seeds} (only these, separated by commas), {@code
 * simulate.threads}.
 */
class OperatorSimulation {
    private static final Deck.Size SIZE = new Deck.Size(1_000, 40, Duration.ofMinutes(1));
    private static final long FIRST_FIXED = 1_000;

    @BeforeAll
    static void log() {
        SimulationLog.install();
    }

    @Test
    void operatorsKeepTheContractInEveryWorld() {
        long[] seeds = Arrays.stream(System.getProperty("seeds", "").split(","))
                .filter(text -> !text.isBlank())
                .mapToLong(text -> Long.parseLong(text.strip()))
                .toArray();
        long tasks = Long.getLong("simulate.tasks", 20_000);
        long faults = Long.getLong("simulate.faults", tasks / 100);
        int threads = Integer.getInteger("simulate.threads", Runtime.getRuntime().availableProcessors());
        var goal = new SimulationSuite.Goal(
                seeds.length > 0 ? (long) seeds.length * SIZE.tasks() * 9 / 10 : tasks, seeds.length > 0 ? 0 : faults, threads);
        var summary = new SimulationSuite(goal, seeds.length > 0 ? given(seeds) : fixedAndFresh(), seed -> Deck.plan(seed, SIZE)).run();
        System.out.printf(
                "%d Tasks and %d faults in %d worlds, %d steps: %.0f Tasks/s, %s%n%s%n",
                summary.tasks(),
                summary.coverage().faults(),
                summary.runs(),
                summary.steps(),
                summary.tasks() / (summary.elapsed().toMillis() / 1000.0),
                summary.elapsed(),
                summary.counts());
        System.out.println(summary.coverage().table());
        summary.failures().forEach(failure -> System.out.println(failure.text()));
        assertThat(summary.failures())
                .as("worlds in which a rule was broken; run one again with: mvn -Psimulate verify -Dseeds=SEED")
                .extracting(failure -> failure.result().plan().seed())
                .isEmpty();
        if (seeds.length == 0 && tasks >= 1_000_000) {
            assertThat(summary.coverage().missing()).as("what never happened").isEmpty();
        }
    }

    private static LongUnaryOperator given(long[] seeds) {
        return number -> seeds[(int) (number % seeds.length)];
    }

    private static LongUnaryOperator fixedAndFresh() {
        long first = new SecureRandom().nextLong(1L << 40) + (1L << 20);
        System.out.println("fresh seeds from " + first);
        return number -> number % 2 == 0 ? FIRST_FIXED + number / 2 : first + number / 2;
    }
}
