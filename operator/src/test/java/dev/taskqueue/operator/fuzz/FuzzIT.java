package dev.taskqueue.operator.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.testing.TestCluster;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Tries specs of two fixed seeds. {@code mvn -Pfuzz verify} tries others. */
@Order(TestCluster.LONG_FIRST)
class FuzzIT {
    /** Also the seed of the answers, for every seed of specs. */
    static final int FIXED_SEED = 14;

    private static final int SPECS = 1_000;

    private static final int OTHER_SEED = 77;

    @AutoClose
    private final FuzzWorld world = new FuzzWorld(new WorkerAnswers(FIXED_SEED));

    @Test
    void anySpecIsRefusedWithASentenceOrReachesADefinedState() {
        for (long seed : new long[] {FIXED_SEED, OTHER_SEED}) {
            System.out.println("[fuzz] seed " + seed);
            var counts = new FuzzCounts();
            var run = new FuzzRun(world, seed, counts);
            run.tryAll(0, SPECS);
            System.out.println("[fuzz] seed " + seed + ": " + counts.text());
            run.assertNothingFound();
            assertThat(counts.skipped()).as("skipped").isLessThan(SPECS / 10);
            assertThat(counts.refused()).as("refused").isGreaterThan(SPECS / 10);
            assertThat(counts.arrived()).as("accepted").isGreaterThan(SPECS / 5);
            assertThat(counts.states()).as("different states").isGreaterThan(10);
        }
    }
}
