package dev.taskqueue.operator.bench;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.DoubleSupplier;
import org.awaitility.Awaitility;

/** Many Tasks that are due in a day, beside which other things are measured. They stay, so what needs them comes last. */
final class PendingTasks {
    /** The TaskQueue they are in; it keeps a succeeded Task for a second. */
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

    /** Creates them where that has not been done, and waits until the operator, which must run, has told where each stands. */
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

    /** It writes no more: every Task's status says by now that it is scheduled. */
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
