package dev.taskqueue.operator.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.testing.TestCluster;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Tries specs of a fixed seed. {@code mvn -Pfuzz verify} tries others. */
@Order(TestCluster.LONG_FIRST)
class FuzzIT {
    /** Also the seed of the answers, for every seed of specs. */
    static final int FIXED_SEED = 14;

    private static final int SPECS = 2_000;

    @AutoClose
    private final FuzzWorld world = new FuzzWorld(new WorkerAnswers(FIXED_SEED));

    @Test
    void anySpecIsRefusedWithASentenceOrReachesADefinedState() {
        var counts = new FuzzCounts();
        var run = new FuzzRun(world, FIXED_SEED, counts);
        run.tryAll(0, SPECS);
        System.out.println("[fuzz] seed " + FIXED_SEED + ": " + counts.text());
        run.assertNothingFound();
        assertThat(counts.skipped()).as("skipped").isLessThan(SPECS / 10);
        assertThat(counts.refused()).as("refused").isGreaterThan(SPECS / 10);
        assertThat(counts.arrived()).as("accepted").isGreaterThan(SPECS / 5);
        assertThat(counts.states()).as("different states").isGreaterThan(20);
    }
}
