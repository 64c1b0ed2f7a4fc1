package dev.taskqueue.operator.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.testing.TestCluster;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Tries specs of a fixed seed, and as many of a fresh one. {@code -Dfuzz.seed} replaces the fresh one. */
@Order(TestCluster.LONG_FIRST)
class FuzzIT {
    private static final int FIXED_SEED = 14;
    private static final int SPECS = 1_000;

    private final long freshSeed =
            Long.getLong("fuzz.seed", ThreadLocalRandom.current().nextInt(1_000_000));

    @AutoClose
    private final FuzzWorld world = new FuzzWorld(new WorkerAnswers(FIXED_SEED));

    @Test
    void anySpecIsRefusedWithASentenceOrReachesADefinedState() {
        for (long seed : new long[] {FIXED_SEED, freshSeed}) {
            System.out.println("[fuzz] seed " + seed);
            var run = new FuzzRun(world, seed);
            run.tryAll(0, SPECS);
            System.out.println("[fuzz] seed " + seed + ": " + run.counts().text());
            run.assertNothingFound();
            assertThat(run.counts().skipped()).as("skipped").isLessThan(SPECS / 10);
            assertThat(run.counts().refused()).as("refused").isGreaterThan(SPECS / 10);
            assertThat(run.counts().arrived()).as("accepted").isGreaterThan(SPECS / 5);
            assertThat(run.counts().states()).as("different states").isGreaterThan(10);
        }
    }
}
