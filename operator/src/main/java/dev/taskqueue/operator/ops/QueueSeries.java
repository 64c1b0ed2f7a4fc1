package dev.taskqueue.operator.ops;

import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The counters of one queue. It keeps its data points, so that counting needs no lookup of labels. */
final class QueueSeries {
    private static final double NANOS_PER_SECOND = 1e9;

    private final QueueId queue;
    private final Families families;
    private final DistributionDataPoint lateness;
    private final DistributionDataPoint durations;
    private final CounterDataPoint created;
    private final CounterDataPoint deadLetters;
    private final Map<AttemptResult, CounterDataPoint> attempts = new ConcurrentHashMap<>();
    private final Map<Ending.Reason, CounterDataPoint> endings = new ConcurrentHashMap<>();
    private boolean removed;

    /** {@code statusCode} 0 = no answer came. */
    private record AttemptResult(AttemptReason reason, int statusCode) {
        String code() {
            return statusCode == 0 ? "" : String.valueOf(statusCode);
        }
    }

    /** The metric families that all queues share. */
    static final class Families {
        /** From a fast worker in the same cluster to the longest attempt that is common. */
        private static final double[] UP_TO_SECONDS = {
            0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600
        };

        private final Counter attempts;
        private final Counter endings;
        private final Counter created;
        private final Counter deadLetters;
        private final Histogram lateness;
        private final Histogram durations;

        Families(PrometheusRegistry registry) {
            attempts = Counter.builder()
                    .withoutExemplars()
                    .name("taskqueue_attempts_total")
                    .help(
                            "Attempts that ended, by result (as in lastAttempt.reason) and status code (empty without an answer).")
                    .labelNames("namespace", "queue", "result", "code")
                    .register(registry);
            endings = Counter.builder()
                    .withoutExemplars()
                    .name("taskqueue_tasks_finished_total")
                    .help(
                            "Tasks, and items of TaskBatches, that ended, by result (the reason of their condition Finished).")
                    .labelNames("namespace", "queue", "result")
                    .register(registry);
            created = counter(
                    registry,
                    "taskqueue_created_total",
                    "Tasks, and items of TaskBatches, that were created since this process leads.");
            deadLetters = counter(
                    registry,
                    "taskqueue_dead_letters_total",
                    "Dead letters, and items of batches of dead letters, that were created for the Tasks of the queue.");
            lateness = histogram(
                    registry, "taskqueue_lateness_seconds", "How long after it was due a request left, in seconds.");
            durations = histogram(
                    registry,
                    "taskqueue_attempt_duration_seconds",
                    "How long an attempt took from its request to its end, in seconds.");
        }

        private static Counter counter(PrometheusRegistry registry, String name, String help) {
            return Counter.builder()
                    .withoutExemplars()
                    .name(name)
                    .help(help)
                    .labelNames("namespace", "queue")
                    .register(registry);
        }

        private static Histogram histogram(PrometheusRegistry registry, String name, String help) {
            return Histogram.builder()
                    .withoutExemplars()
                    .name(name)
                    .help(help)
                    .labelNames("namespace", "queue")
                    .classicOnly()
                    .classicUpperBounds(UP_TO_SECONDS)
                    .register(registry);
        }
    }

    QueueSeries(QueueId queue, Families families) {
        this.queue = queue;
        this.families = families;
        this.lateness = families.lateness.labelValues(queue.namespace(), queue.name());
        this.durations = families.durations.labelValues(queue.namespace(), queue.name());
        this.created = families.created.labelValues(queue.namespace(), queue.name());
        this.deadLetters = families.deadLetters.labelValues(queue.namespace(), queue.name());
    }

    void created(int deliveries) {
        created.inc(deliveries);
    }

    void deadLettered(int letters) {
        deadLetters.inc(letters);
    }

    void departed(Duration late) {
        lateness.observe(late.toNanos() / NANOS_PER_SECOND);
    }

    void attempted(Outcome outcome, Duration took) {
        durations.observe(took.toNanos() / NANOS_PER_SECOND);
        int statusCode = outcome instanceof Outcome.Answered answered ? answered.statusCode() : 0;
        count(
                attempts,
                new AttemptResult(outcome.reason(), statusCode),
                result -> families.attempts.labelValues(
                        queue.namespace(), queue.name(), result.reason().name(), result.code()));
    }

    void finished(Ending.Reason reason) {
        count(endings, reason, result -> families.endings.labelValues(queue.namespace(), queue.name(), result.name()));
    }

    /** From now on nothing of this queue is shown, even if attempts are still counted. */
    synchronized void remove() {
        removed = true;
        String namespace = queue.namespace();
        String name = queue.name();
        attempts.keySet()
                .forEach(of ->
                        families.attempts.remove(namespace, name, of.reason().name(), of.code()));
        endings.keySet().forEach(reason -> families.endings.remove(namespace, name, reason.name()));
        families.lateness.remove(namespace, name);
        families.durations.remove(namespace, name);
        families.created.remove(namespace, name);
        families.deadLetters.remove(namespace, name);
    }

    private <K> void count(Map<K, CounterDataPoint> points, K key, Function<K, CounterDataPoint> begin) {
        CounterDataPoint known = points.get(key);
        if (known != null) {
            known.inc();
        } else {
            countFirst(points, key, begin);
        }
    }

    /** A series that began after {@link #remove} would stay for ever. */
    private synchronized <K> void countFirst(
            Map<K, CounterDataPoint> points, K key, Function<K, CounterDataPoint> begin) {
        if (!removed) {
            points.computeIfAbsent(key, begin).inc();
        }
    }
}
