package dev.taskqueue.operator.ops;

import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.engine.QueueStats;
import dev.taskqueue.operator.limits.SharedPool;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The numbers at {@code /metrics}, under names that are part of the API. Everything is counted per queue, never per Task. What happens is
 * counted as the engine tells it; how things stand is asked for when somebody scrapes.
 */
public final class Meters implements Listener {
    /** Of what {@link #write} writes. */
    static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    private final QueueSeries.Families families = new QueueSeries.Families(registry);
    private final Map<QueueId, QueueSeries> series = new ConcurrentHashMap<>();
    private final InstantSource clock;
    private volatile @Nullable Supplier<Map<QueueId, QueueStats>> queues;

    /** Counts from now on; {@code clock} tells how old the oldest due Task is. */
    public Meters(String version, InstantSource clock) {
        this.clock = clock;
        Info.builder()
                .name("taskqueue_build_info")
                .help("The operator's version; always 1.")
                .labelNames("version")
                .register(registry)
                .setLabelValues(version);
    }

    /**
     * From now on tells how things stand, too. To be called once.
     *
     * @param queues every queue there is; one that is missing, or has no rate because its TaskQueue does not exist, loses its series
     * @param leader whether this process is the one that dispatches
     */
    public void observe(Supplier<Map<QueueId, QueueStats>> queues, BooleanSupplier leader) {
        this.queues = queues;
        GaugeWithCallback.builder()
                .name("taskqueue_leader")
                .help("1 where this process is the one that dispatches, 0 on a standby.")
                .callback(gauge -> gauge.call(leader.getAsBoolean() ? 1 : 0))
                .register(registry);
    }

    /** From now on tells how full these are, too. To be called once. */
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
    public void departed(QueueId queue, Duration lateness) {
        of(queue).departed(lateness);
    }

    @Override
    public void attempted(QueueId queue, Outcome outcome, Duration took) {
        of(queue).attempted(outcome, took);
    }

    @Override
    public void finished(QueueId queue, Ending ending) {
        of(queue).finished(ending.reason());
    }

    /** Removes every series of a queue that was deleted. What still ends afterwards is forgotten by the next scrape. */
    public void forget(QueueId queue) {
        // Inside the map's own lock of the key: a successor of the same name must not lose the series that it has just
        // begun.
        series.computeIfPresent(queue, (same, counted) -> {
            counted.remove();
            return null;
        });
    }

    /** Writes all of it in Prometheus' text format. */
    void write(OutputStream out) throws IOException {
        var all = MetricSnapshots.builder();
        Supplier<Map<QueueId, QueueStats>> observed = queues;
        if (observed != null) {
            var existing = new HashMap<>(observed.get());
            existing.values().removeIf(stats -> stats.enforcedPerSecond() <= 0);
            series.keySet().stream()
                    .filter(queue -> !existing.containsKey(queue))
                    .forEach(this::forget);
            QueueGauges.of(existing, clock.instant()).forEach(all::metricSnapshot);
        }
        registry.scrape().forEach(all::metricSnapshot);
        writer.write(out, all.build());
    }

    private QueueSeries of(QueueId queue) {
        return series.computeIfAbsent(queue, absent -> new QueueSeries(absent, families));
    }
}
