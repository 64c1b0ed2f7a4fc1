package dev.taskqueue.operator.bench;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.DoubleSupplier;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;

/** Measures how long the purge of a full queue takes, and whether another queue stays punctual meanwhile. */
final class Purging {
    private static final int WARM_UP = 500;
    private static final int TASKS = 150;
    private static final Duration INTERVAL = Duration.ofMillis(100);
    private static final Duration AHEAD = Duration.ofSeconds(6);
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final BenchCluster site;
    private final BenchReport figures;

    Purging(BenchCluster site, BenchReport figures) {
        this.site = site;
        this.figures = figures;
    }

    void measure() {
        int tasks = site.knobs().purge();
        site.queue("calm", "{retention: {succeeded: 1s}}");
        site.queue("full", "{}");
        try (OperatorJvm operator = site.operator()) {
            site.warmUp("calm", WARM_UP);
            LatencySamples alone =
                    Punctuality.lateness(site, "calm", TASKS, INTERVAL, AHEAD).tasks();
            site.awaitNoTasks();
            Instant at = Instant.now().plus(1, ChronoUnit.DAYS);
            site.api().forEach(tasks, i -> site.api().create(BenchCluster.task("full-" + i, "full", at)));
            awaitNextSecond();
            TaskRequests requestsBefore = site.requests();
            DoubleSupplier cpu = CpuTime.since(operator::cpu);
            DoubleSupplier seconds = CpuTime.stopwatch();
            site.patchQueue("full", "{\"spec\":{\"purgeBefore\":\"2126-01-01T00:00:00Z\"}}");
            Punctuality.Lateness both = Punctuality.lateness(site, "calm", TASKS, INTERVAL, AHEAD);
            figures.add("purge", "seconds until the other queue's last Task", "", "%.0f", seconds.getAsDouble());
            Awaitility.await("the purge to be done")
                    .pollInterval(Duration.ofMillis(200))
                    .atMost(PATIENCE)
                    .until(() -> site.queue("full").contains("\"completionTime\""));
            String all = "of " + tasks + " Tasks: ";
            figures.add("purge", all + "seconds until it says it is done", "60", "%.0f", seconds.getAsDouble());
            figures.add(
                    "purge", all + "operator CPU s, those of the other queue included", "", "%.1f", cpu.getAsDouble());
            TaskRequests requests = site.requests().minus(requestsBefore);
            figures.add("purge", "writes refused (conflict, throttling)", "", "%d", requests.refused());
            site.awaitNoTasks();
            report(alone, both);
            figures.add("purge", "warnings and errors in the operator's log", "0", "%d", operator.complaints());
        }
    }

    private void report(LatencySamples alone, Punctuality.Lateness both) {
        LatencySamples beside = both.tasks();
        Assertions.assertThat(beside.min()).as("never early").isNotNegative();
        String figure = "other queue's lateness p50 / p99: ";
        figures.add("purge", figure + "alone", "", alone.halfAndMost());
        figures.add("purge", figure + "beside the purge", "", beside.halfAndMost());
        figures.add(
                "purge",
                figure + "a sleeping thread at that time",
                "",
                both.sleeper().halfAndMost());
    }

    /** Waits for the next whole second, so that a Task created before this call has an earlier creation time than a Task created after it. */
    private static void awaitNextSecond() {
        Instant next = Instant.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
        Awaitility.await().until(() -> !Instant.now().isBefore(next));
    }
}
