package dev.taskqueue.operator.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Creates TaskBatches of 1,000 items, those that are due at once as fast as the operator delivers them. */
final class BatchLoad {
    static final int ITEMS = 1_000;
    /** The items of a batch that differ in nothing. */
    static final String COUNTED = "\"count\":" + ITEMS;

    /** The TaskQueue of batches that are due at once. Its limits do not matter, and it keeps no batch after its end. */
    static final String QUEUE = "batches";

    /** How many batches may be created but not delivered. */
    private static final int OUTSTANDING = 4;

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final BenchCluster site;

    BatchLoad(BenchCluster site) {
        this.site = site;
    }

    void createQueue() {
        site.queue(
                QUEUE,
                "{rateLimits: {maxDispatchesPerSecond: 10000, maxBurstSize: 500, maxConcurrentDispatches: 1000},"
                        + " retention: {succeeded: 0s}}");
    }

    /**
     * A batch.
     *
     * @param at null = it is due at once
     * @param items the field of the spec that has the items, JSON
     */
    static String batch(String name, String queue, @Nullable Instant at, String items) {
        String schedule = at == null ? "" : "\"scheduleTime\":\"" + at + "\",";
        return """
                {"apiVersion":"taskqueue.dev/v1beta1","kind":"TaskBatch","metadata":{"name":"%s"},"spec":{\
                "queueRef":{"name":"%s"},%s"template":{"httpRequest":{"serviceRef":{"name":"sink"}}},%s}}\
                """.formatted(name, queue, schedule, items);
    }

    /** Creates batches that are due at once, and returns when all are delivered and gone. */
    void deliver(String name, int batches, String items) {
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
            site.api().createBatch(batch(name.strip().replace(' ', '-') + "-" + i, QUEUE, null, items));
        }
        sink.await(batches * ITEMS, PATIENCE);
        Awaitility.await("all batches to be gone")
                .atMost(PATIENCE)
                .until(() -> site.api().hasNoBatch(QUEUE));
        assertThat(sink.duplicates()).as("items delivered twice").isZero();
    }
}
