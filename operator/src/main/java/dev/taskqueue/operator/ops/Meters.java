package dev.taskqueue.operator.ops;

import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TraceContext;
import dev.taskqueue.operator.engine.AttemptContext;
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.engine.QueueStats;
import dev.taskqueue.operator.limits.SharedPool;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The numbers at {@code /metrics}, under names that are part of the API. Everything is counted per queue, never per Task. Events are counted when the
 * engine reports them; the present state is read at each scrape.
 */
public final class Meters implements Listener {
    /** The content type of what {@link #write} writes. */
    static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    /** A batch has at most 1,000 items. */
    private static final double[] UP_TO_ITEMS = {0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    private final QueueSeries.Families families = new QueueSeries.Families(registry);
    private final Map<QueueId, QueueSeries> series = new ConcurrentHashMap<>();
    private final NamedQueues names;
    private final ApiMeters api = new ApiMeters(registry);
    private final InstantSource clock;
    private final Counter writes;
    private final Counter foreignWrites;
    private final Histogram commitItems;
    private volatile @Nullable Supplier<QueueGauges.Source> queues;
    private volatile BooleanSupplier leader = () -> false;

    /**
     * Counts from now on.
     *
     * @param clock for the age of the oldest due Task
     * @param maxQueues how many queues have series of their own at most
     */
    public Meters(String version, InstantSource clock, int maxQueues) {
        this.clock = clock;
        this.names = new NamedQueues(maxQueues);
        this.writes = Counter.builder()
                .withoutExemplars()
                .name("taskqueue_writes_total")
                .help("Answers of the API server to writes to Tasks and TaskBatches, by kind of write and result.")
                .labelNames("kind", "result")
                .register(registry);
        this.foreignWrites = Counter.builder()
                .withoutExemplars()
                .name("taskqueue_foreign_writes_total")
                .help("Writes to Tasks by another operator that has another Lease; above 0, Tasks are sent twice.")
                .register(registry);
        this.commitItems = Histogram.builder()
                .withoutExemplars()
                .name("taskqueue_commit_items")
                .help("Outcomes of items that one write of a TaskBatch's status had.")
                .classicOnly()
                .classicUpperBounds(UP_TO_ITEMS)
                .register(registry);
        Info.builder()
                .name("taskqueue_build_info")
                .help("The operator's version; always 1.")
                .labelNames("version")
                .register(registry)
                .setLabelValues(version);
    }

    /**
     * Shows the state of the queues from now on. Called once.
     *
     * @param queues every queue there is; one that is missing, or has no rate because its TaskQueue does not exist, loses its series
     * @param facts what else is known of a queue; null if nothing is
     * @param leader whether this process is the one that dispatches; no other process shows the state of the queues
     */
    public void observe(
            Supplier<Map<QueueId, QueueStats>> queues,
            Function<QueueId, @Nullable QueueFacts> facts,
            BooleanSupplier leader) {
        this.queues = () -> new QueueGauges.Source(queues.get(), facts);
        this.leader = leader;
        GaugeWithCallback.builder()
                .name("taskqueue_leader")
                .help("1 where this process is the one that dispatches, 0 on a standby.")
                .callback(gauge -> gauge.call(leader.getAsBoolean() ? 1 : 0))
                .register(registry);
    }

    /**
     * Shows from now on which of the namespaces in the settings are served. Called once.
     *
     * @param namespaces whether each of them is
     */
    public void observeNamespaces(Supplier<Map<String, Boolean>> namespaces) {
        GaugeWithCallback.builder()
                .name("taskqueue_namespace_served")
                .help(
                        "1 where the operator may follow all that it needs of a namespace of its settings, 0 where it is refused.")
                .labelNames("namespace")
                .callback(gauge -> namespaces.get().forEach((name, served) -> gauge.call(served ? 1 : 0, name)))
                .register(registry);
    }

    /**
     * Shows from now on how many TaskBatches are in each state. Called once.
     *
     * @param states by the name of the state
     */
    public void observeBatches(Supplier<Map<String, Integer>> states) {
        GaugeWithCallback.builder()
                .name("taskqueue_batches")
                .help("TaskBatches that exist, by state.")
                .labelNames("state")
                .callback(gauge -> states.get().forEach((state, batches) -> gauge.call((double) batches, state)))
                .register(registry);
    }

    /** The numbers about the API server. */
    public ApiMeters api() {
        return api;
    }

    /** Shows from now on the numbers of the JVM and of the process. Called once. */
    public void observeProcess() {
        JvmMetrics.builder().register(registry);
    }

    /** The API server has answered a write. */
    public void written(String kind, String result) {
        writes.labelValues(kind, result).inc();
    }

    /** A status of a TaskBatch was written, with so many outcomes that it did not have before. */
    public void committed(int items) {
        commitItems.observe(items);
    }

    /** Another operator with another Lease has written a Task. */
    public void wroteForeign() {
        foreignWrites.inc();
    }

    /** Shows from now on how full the pools are. Called once. */
    public void observePools(List<SharedPool> pools) {
        GaugeWithCallback.builder()
                .name("taskqueue_pool_used")
                .help("How much of a bound that all queues share is in use.")
                .labelNames("pool")
                .callback(gauge -> pools.forEach(pool -> gauge.call((double) pool.used(), pool.name())))
                .register(registry);
        GaugeWithCallback.builder()
                .name("taskqueue_pool_capacity")
                .help("How much there is of a bound that all queues share.")
                .labelNames("pool")
                .callback(gauge -> pools.forEach(pool -> gauge.call((double) pool.capacity(), pool.name())))
                .register(registry);
    }

    @Override
    public void created(QueueId queue, int deliveries) {
        of(queue).created(deliveries);
    }

    @Override
    public void deadLettered(QueueId queue, int letters) {
        of(queue).deadLettered(letters);
    }

    @Override
    public void departed(QueueId queue, Duration lateness) {
        of(queue).departed(lateness);
    }

    @Override
    public void attempted(
            AttemptContext attempt, Outcome outcome, Duration took, Supplier<@Nullable TraceContext> trace) {
        of(attempt.queue()).attempted(outcome, took);
    }

    @Override
    public void finished(DeliveryKey delivery, QueueId queue, Ending ending) {
        of(queue).finished(ending.reason());
    }

    /** Removes every series of a deleted queue. Series of attempts that end afterwards are removed by the next scrape. */
    public void forget(QueueId queue) {
        // This holds the map's lock of the key, so that a new queue of the same name does not lose its first series.
        series.computeIfPresent(queue, (same, counted) -> {
            counted.remove();
            return null;
        });
    }

    /** Writes all of it in Prometheus' text format. */
    void write(OutputStream out) throws IOException {
        var all = MetricSnapshots.builder();
        Supplier<QueueGauges.Source> observed = queues;
        if (observed != null) {
            QueueGauges.Source now = observed.get();
            Predicate<QueueId> exists = queue -> exists(now.queues().get(queue));
            series.keySet().stream()
                    .filter(queue -> !queue.equals(NamedQueues.OTHER) && !exists.test(queue))
                    .forEach(this::forget);
            names.keep(exists);
            // A standby knows the same Tasks. If it showed them, too, every sum over the processes would count them
            // twice.
            if (leader.getAsBoolean()) {
                QueueGauges.of(now, names, clock.instant()).forEach(all::metricSnapshot);
            }
        }
        registry.scrape().forEach(all::metricSnapshot);
        writer.write(out, all.build());
    }

    private static boolean exists(@Nullable QueueStats stats) {
        return stats != null && stats.isOfExistingQueue();
    }

    private QueueSeries of(QueueId queue) {
        QueueSeries known = series.get(queue);
        return known != null
                ? known
                : series.computeIfAbsent(names.of(queue), absent -> new QueueSeries(absent, families));
    }
}
