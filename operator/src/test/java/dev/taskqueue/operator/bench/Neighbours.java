package dev.taskqueue.operator.bench;

import java.time.Duration;
import org.assertj.core.api.Assertions;

/** Measures whether a queue stays punctual next to a queue whose worker fails: the same Tasks run first alone and then with the neighbour. */
final class Neighbours {
    private static final int WARM_UP = 500;
    private static final int TASKS = 150;
    private static final Duration INTERVAL = Duration.ofMillis(100);
    private static final Duration AHEAD = Duration.ofSeconds(6);
    private static final int FAILING = 1_000;

    private final BenchCluster site;
    private final BenchReport figures;

    Neighbours(BenchCluster site, BenchReport figures) {
        this.site = site;
        this.figures = figures;
    }

    void measure() {
        site.queue("quiet", "{retention: {succeeded: 1s}}");
        site.queue("failing", "{}");
        try (OperatorJvm operator = site.operator()) {
            site.warmUp("quiet", WARM_UP);
            LatencySamples alone =
                    Punctuality.lateness(site, "quiet", TASKS, INTERVAL, AHEAD).tasks();
            site.awaitNoTasks();
            site.api().forEach(FAILING, i -> site.api().create(BenchCluster.task("failing-" + i, "failing", null)));
            Punctuality.Lateness both = Punctuality.lateness(site, "quiet", TASKS, INTERVAL, AHEAD);
            LatencySamples beside = both.tasks();
            Assertions.assertThat(beside.min()).as("never early").isNotNegative();
            String figure = "quiet queue's lateness p50 / p99: ";
            figures.add("neighbour", figure + "alone", "", alone.halfAndMost());
            figures.add("neighbour", figure + "beside " + FAILING + " failing Tasks", "", beside.halfAndMost());
            figures.add(
                    "neighbour",
                    figure + "a sleeping thread at that time",
                    "",
                    both.sleeper().halfAndMost());
            figures.add(
                    "neighbour",
                    "P12 p99 beside / alone",
                    "1.5x / 1.2x",
                    "%.1fx",
                    beside.percentile(99) / alone.percentile(99));
            figures.add("neighbour", "warnings and errors in the operator's log", "0", "%d", operator.complaints());
            site.api().forEach(FAILING, task -> site.api().delete("failing-" + task));
            site.awaitNoTasks();
        }
    }
}
