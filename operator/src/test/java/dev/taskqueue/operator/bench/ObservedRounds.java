package dev.taskqueue.operator.bench;

import dev.taskqueue.operator.testing.TestingCollector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import org.awaitility.Awaitility;

/** Short rounds of Tasks against one operator, each with lines about attempts, spans and scrapes switched on or off. One Task in 20 fails. */
final class ObservedRounds {
    private static final String QUEUE = "observed";
    private static final String FAILING = "failing-observed";
    private static final int FAILS = 20;
    private static final int SCRAPE_MILLIS = 500;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final BenchCluster site;
    private final OperatorJvm operator;
    private final TestingCollector collector;
    private final Path logFolder;
    private final int tasks;
    private int rounds;
    private boolean lines;

    /**
     * What is switched on. There is a {@code traceparent} in each Task: one that is not sampled gets no span.
     *
     * @param scrapes whether the metrics are fetched, many times as often as by Prometheus
     */
    record Mode(boolean lines, boolean spans, boolean scrapes) {
        static final Mode OFF = new Mode(false, false, false);
    }

    /**
     * One round.
     *
     * @param cpu seconds of the operator
     */
    record Round(int tasks, double cpu, double seconds, int scrapes) {
        double millisPerTask() {
            return 1000 * cpu / tasks;
        }
    }

    /** @param logFolder the folder whose file {@code attempts} switches the lines */
    ObservedRounds(BenchCluster site, OperatorJvm operator, TestingCollector collector, Path logFolder, int tasks) {
        this.site = site;
        this.operator = operator;
        this.collector = collector;
        this.logFolder = logFolder;
        this.tasks = tasks;
        String limits =
                "rateLimits: {maxDispatchesPerSecond: 10000, maxBurstSize: 500, maxConcurrentDispatches: 1000}, throttling: Disabled";
        site.queue(QUEUE, "{%s, retention: {succeeded: 2s}}".formatted(limits));
        site.queue(FAILING, "{%s, retry: {maxAttempts: 1}, retention: {failed: 2s}}".formatted(limits));
    }

    /** Runs one round, from the first create until the last Task is deleted. */
    Round run(Mode mode) {
        switchLines(mode.lines());
        int spansBefore = collector.spans().size();
        int number = rounds++;
        site.sink().reset();
        var scrapes = new AtomicInteger();
        DoubleSupplier seconds = CpuTime.stopwatch();
        DoubleSupplier cpu = CpuTime.since(operator::cpu);
        try (var scraper = Executors.newSingleThreadScheduledExecutor()) {
            if (mode.scrapes()) {
                var _ = scraper.scheduleAtFixedRate(
                        () -> scrape(scrapes), SCRAPE_MILLIS, SCRAPE_MILLIS, TimeUnit.MILLISECONDS);
            }
            site.api().forEach(tasks, i -> create(number, i, mode.spans()));
            site.sink().await(tasks - (tasks + FAILS - 1) / FAILS, PATIENCE);
            site.awaitNoTasks();
        }
        var round = new Round(tasks, cpu.getAsDouble(), seconds.getAsDouble(), scrapes.get());
        if (mode.spans()) {
            Awaitility.await("a span of each attempt")
                    .atMost(PATIENCE)
                    .until(() -> collector.spans().size() - spansBefore == tasks);
        }
        return round;
    }

    private void create(int round, int i, boolean isSampled) {
        String name = "observed-" + round + "-" + i;
        String parent = "00-%016x%016x-%016x-0%d".formatted(round + 1, i, i + 1, isSampled ? 1 : 0);
        site.api().create(BenchCluster.tracedTask(name, i % FAILS == 0 ? FAILING : QUEUE, parent));
    }

    private void scrape(AtomicInteger scrapes) {
        if (operator.metrics().contains("taskqueue_attempts_total")) {
            scrapes.incrementAndGet();
        }
    }

    private void switchLines(boolean on) {
        if (on == lines) {
            return;
        }
        lines = on;
        long before = operator.lines("lines for attempts");
        try {
            Files.writeString(logFolder.resolve("attempts"), on ? "all" : "off");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await("the log to change")
                .atMost(PATIENCE)
                .until(() -> operator.lines("lines for attempts") > before);
    }
}
