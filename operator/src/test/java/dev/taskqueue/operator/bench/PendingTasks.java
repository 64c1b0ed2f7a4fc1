package dev.taskqueue.operator.bench;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.DoubleSupplier;
import org.awaitility.Awaitility;

/** Many Tasks that are due in a day, present during other measurements. They stay, so the parts that need them come last. */
final class PendingTasks {
    /** The TaskQueue of these Tasks. It keeps a succeeded Task for a second. */
    static final String QUEUE = "waiting";

    private static final Duration TOLD = Duration.ofMinutes(40);

    private final BenchCluster site;
    private final BenchReport figures;
    private boolean gathered;

    PendingTasks(BenchCluster site, BenchReport figures) {
        this.site = site;
        this.figures = figures;
    }

    int size() {
        return site.knobs().pending();
    }

    /** Creates the Tasks if they do not exist yet. Waits until the running operator has written the waiting status of each. */
    void gather() {
        if (gathered) {
            return;
        }
        site.queue(QUEUE, "{retention: {succeeded: 1s}}");
        Instant at = Instant.now().plus(1, ChronoUnit.DAYS);
        site.api().forEach(size(), i -> site.api().create(BenchCluster.task("later-" + i, QUEUE, at)));
        awaitTold();
        gathered = true;
    }

    /** Waits until the operator writes no more. Then the status of every Task says that it is scheduled. */
    private void awaitTold() {
        DoubleSupplier seconds = CpuTime.stopwatch();
        long[] last = {-1};
        Awaitility.await("the operator to have told where the Tasks stand")
                .pollInterval(Duration.ofSeconds(3))
                .atMost(TOLD)
                .until(() -> {
                    long writes = site.requests().writes();
                    boolean same = writes == last[0];
                    last[0] = writes;
                    return same;
                });
        figures.add("pending", "seconds until all are told Scheduled", "", "%.0f", seconds.getAsDouble());
    }
}
