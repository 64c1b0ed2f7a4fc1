package dev.taskqueue.operator.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;

/** Measures what items that wait for tomorrow cost: memory, the deliveries of others, and the punctuality of others. */
final class BatchCrowd {
    private static final String LATER = "later";
    private static final int SCHEDULED = 300;
    private static final Duration INTERVAL = Duration.ofMillis(60);
    /** The time until the first item is due. Its batch exists by then. */
    private static final Duration AHEAD = Duration.ofSeconds(5);

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final BenchCluster site;
    private final BenchReport figures;
    private int present;

    BatchCrowd(BenchCluster site, BenchReport figures) {
        this.site = site;
        this.figures = figures;
    }

    void measure() {
        try (OperatorJvm operator = site.operator()) {
            var load = new BatchLoad(site);
            site.queue(LATER, "{}");
            load.createQueue();
            load.deliver("warm", site.knobs().batches(), BatchLoad.COUNTED);
            long empty = operator.liveHeap();
            for (int size : new int[] {100, 10_000, site.knobs().items()}) {
                grow(size);
                String among = String.format(Locale.ROOT, "%,d waiting: ", size);
                deliver(operator, load, among, size);
                punctual(among, size);
                figures.add(
                        "crowd",
                        among + "heap beyond that of none, MB",
                        size == 1_000_000 ? "60" : "",
                        "%.1f",
                        (operator.liveHeap() - empty) / (double) (1 << 20));
            }
            figures.add("crowd", "warnings and errors in the operator's log", "0", "%d", operator.complaints());
        }
    }

    /** Creates batches of items that are due in a day, until there are so many items. */
    private void grow(int size) {
        Instant tomorrow = Instant.now().plus(1, ChronoUnit.DAYS);
        int missing = size - present;
        int batches = (missing + BatchLoad.ITEMS - 1) / BatchLoad.ITEMS;
        site.api().forEach(batches, i -> {
            int items = Math.min(BatchLoad.ITEMS, missing - i * BatchLoad.ITEMS);
            site.api()
                    .createBatch(BatchLoad.batch(LATER + "-" + size + "-" + i, LATER, tomorrow, "\"count\":" + items));
        });
        present = size;
    }

    private void deliver(OperatorJvm operator, BatchLoad load, String among, int size) {
        DoubleSupplier cpu = CpuTime.since(operator::cpu);
        load.deliver("now-" + size, site.knobs().batches(), BatchLoad.COUNTED);
        figures.add(
                "crowd",
                among + "operator CPU s per 1,000 of others",
                "",
                "%.3f",
                cpu.getAsDouble() / site.knobs().batches());
    }

    /** One batch whose items have times of their own. */
    private void punctual(String among, int size) {
        BenchWorker sink = site.sink();
        sink.reset();
        Instant first = Instant.now().plus(AHEAD).truncatedTo(ChronoUnit.MILLIS);
        var lines = new StringBuilder("\"lines\":\"");
        for (int i = 0; i < SCHEDULED; i++) {
            lines.append("{\\\"key\\\":\\\"timed-%d\\\",\\\"scheduleTime\\\":\\\"%s\\\"}\\n"
                    .formatted(i, first.plus(INTERVAL.multipliedBy(i))));
        }
        site.api().createBatch(BatchLoad.batch("timed-" + size, BatchLoad.QUEUE, null, lines.append('"') + ""));
        sink.await(SCHEDULED, PATIENCE);
        var late = new LatencySamples(IntStream.range(0, SCHEDULED)
                .mapToLong(i -> sink.firstAt("timed-" + i)
                        - ChronoUnit.MICROS.between(Instant.EPOCH, first.plus(INTERVAL.multipliedBy(i)))));
        figures.add("crowd", among + "lateness of items, p50 / p99", "", late.halfAndMost());
        assertThat(late.min()).as("never early").isNotNegative();
    }
}
