package dev.taskqueue.operator.fuzz;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** Tries {@code -Dfuzz.specs} specs of {@code -Dfuzz.seed}; {@code -Dfuzz.first} skips some. Prints counts after each part. */
@Requires(Prerequisite.CONTROL_PLANE)
class SpecFuzz {
    private static final int SPECS = 100_000;
    private static final int PART = 2_000;

    @Test
    void anySpecIsRefusedWithASentenceOrReachesADefinedState() {
        long seed = Long.getLong("fuzz.seed", ThreadLocalRandom.current().nextInt(1_000_000));
        int specs = Integer.getInteger("fuzz.specs", SPECS);
        System.out.println("[fuzz] seed " + seed + ", " + specs + " specs");
        Instant start = Instant.now();
        try (var world = new FuzzWorld(new WorkerAnswers(seed))) {
            var run = new FuzzRun(world, seed);
            for (int from = Integer.getInteger("fuzz.first", 0); from < specs; from += PART) {
                int to = Math.min(specs, from + PART);
                run.tryAll(from, to);
                System.out.println("[fuzz] " + to + " specs in " + Duration.between(start, Instant.now()) + ": "
                        + run.counts().text());
            }
            run.assertNothingFound();
        }
    }
}
