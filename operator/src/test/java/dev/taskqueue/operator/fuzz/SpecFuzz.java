package dev.taskqueue.operator.fuzz;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/**
 * Tries the specs {@code -Dfuzz.first} up to {@code -Dfuzz.specs} of {@code -Dfuzz.seed}. Each part has a new operator, because the token of its account
 * is valid for an hour. Prints the counts after each part.
 */
@Requires(Prerequisite.CONTROL_PLANE)
class SpecFuzz {
    private static final int SPECS = 100_000;
    private static final int PART = 10_000;

    @Test
    void anySpecIsRefusedWithASentenceOrReachesADefinedState() {
        long seed = Long.getLong("fuzz.seed", ThreadLocalRandom.current().nextInt(1_000_000));
        int specs = Integer.getInteger("fuzz.specs", SPECS);
        System.out.println("[fuzz] seed " + seed + ", up to " + specs + " specs");
        Instant start = Instant.now();
        var counts = new FuzzCounts();
        for (int from = Integer.getInteger("fuzz.first", 0); from < specs; from += PART) {
            int to = Math.min(specs, from + PART);
            try (var world = new FuzzWorld(new WorkerAnswers(FuzzIT.FIXED_SEED))) {
                var run = new FuzzRun(world, seed, counts);
                for (int next = from; next < to; next += FuzzRun.ROUND) {
                    int end = Math.min(to, next + FuzzRun.ROUND);
                    run.tryAll(next, end);
                    Duration time = Duration.between(start, Instant.now());
                    System.out.println("[fuzz] " + end + " specs in " + time + ": " + counts.text());
                    run.assertNothingFound();
                }
            }
        }
    }
}
