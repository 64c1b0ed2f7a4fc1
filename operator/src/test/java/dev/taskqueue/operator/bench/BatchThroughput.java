package dev.taskqueue.operator.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import org.awaitility.Awaitility;

/**
 * Measures TaskBatches of 1,000 items that are due at once. They are created as fast as the operator delivers them, and deleted at their end. API
 * server, etcd, operator, load and worker share the machine.
 */
final class BatchThroughput {
    private static final int ITEMS = 1_000;
    private static final String COUNTED = "\"count\":" + ITEMS;
    private static final int WARM_UP = 5;
    /** How many batches may be created but not delivered. */
    private static final int OUTSTANDING = 4;

    private static final int CORES = 2;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final BenchCluster site;
    private final BenchReport figures;

    BatchThroughput(BenchCluster site, BenchReport figures) {
        this.site = site;
        this.figures = figures;
    }

    void measure() {
        try (OperatorJvm operator = site.operator()) {
            site.queue(
                    "batches",
                    "{rateLimits: {maxDispatchesPerSecond: 10000, maxBurstSize: 500, maxConcurrentDispatches: 1000},"
                            + " retention: {succeeded: 0s}}");
            deliver("warm", WARM_UP, COUNTED);
            run(operator, "count", COUNTED);
            run(operator, "lines of 23 bytes", withPaths());
            figures.add("batch", "warnings and errors in the operator's log", "0", "%d", operator.complaints());
        }
    }

    private static String withPaths() {
        var lines = new StringBuilder("\"lines\":\"");
        for (int i = 0; i < ITEMS; i++) {
            lines.append("{\\\"path\\\":\\\"/invoice/").append(1000 + i).append("\\\"}\\n");
        }
        return lines.append('"').toString();
    }

    private void run(OperatorJvm operator, String form, String items) {
        int batches = site.knobs().batches();
        TaskRequests before = site.requests();
        DoubleSupplier seconds = CpuTime.stopwatch();
        DoubleSupplier controlPlane = CpuTime.since(site::controlPlaneCpu);
        DoubleSupplier load = CpuTime.since(CpuTime::ofThisJvm);
        DoubleSupplier cpu = CpuTime.since(operator::cpu);
        deliver(form.substring(0, 5), batches, items);
        double wall = seconds.getAsDouble();
        double ofOperator = cpu.getAsDouble();
        double ofControlPlane = controlPlane.getAsDouble();
        double ofLoad = load.getAsDouble();
        int total = batches * ITEMS;
        double all = ofOperator + ofControlPlane + ofLoad;
        BenchWorker sink = site.sink();
        figures.add("batch", form + ": lost", "0", "%d of %d", total - sink.tasks(), total);
        figures.add("batch", form + ": duplicates", "0", "%d", sink.duplicates());
        figures.add(
                "batch", form + ": P16 deliveries/s by CPU, all processes", "3000 / 5500", "%.0f", CORES * total / all);
        figures.add("batch", form + ": deliveries/s", "", "%.0f", total / wall);
        figures.add("batch", form + ": P16 operator CPU s per 1,000", "0.30 / 0.18", "%.3f", 1000 * ofOperator / total);
        figures.add("batch", form + ": API server + etcd CPU s per 1,000", "", "%.3f", 1000 * ofControlPlane / total);
        figures.add("batch", form + ": load and worker CPU s per 1,000", "", "%.3f", 1000 * ofLoad / total);
        long writes = site.requests().minus(before).writes();
        figures.add("batch", form + ": W, API writes per batch of 1,000", "5", "%.2f", (double) writes / batches);
    }

    private void deliver(String name, int batches, String items) {
        BenchWorker sink = site.sink();
        sink.reset();
        var places = new Semaphore(OUTSTANDING);
        var delivered = new AtomicInteger();
        sink.onFirst(item -> {
            if (delivered.incrementAndGet() % ITEMS == 0) {
                places.release();
            }
        });
        for (int i = 0; i < batches; i++) {
            places.acquireUninterruptibly();
            site.api().createBatch("""
                    {"apiVersion":"taskqueue.dev/v1beta1","kind":"TaskBatch","metadata":{"name":"%s-%d"},"spec":{\
                    "queueRef":{"name":"batches"},"template":{"httpRequest":{"serviceRef":{"name":"sink"}}},%s}}\
                    """.formatted(name.strip().replace(' ', '-'), i, items));
        }
        sink.await(batches * ITEMS, PATIENCE);
        Awaitility.await("all batches to be gone").atMost(PATIENCE).until(site.api()::hasNoBatch);
        assertThat(sink.duplicates()).as("items delivered twice").isZero();
    }
}
