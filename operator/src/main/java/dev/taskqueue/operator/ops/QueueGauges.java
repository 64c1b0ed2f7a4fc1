package dev.taskqueue.operator.ops;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.QueueStats;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The state of the queues at one moment, as gauges. */
final class QueueGauges {
    /** The values of {@code status.state} of a TaskQueue. */
    private static final List<String> STATES = List.of("Running", "Paused", "Held", "Invalid");

    private QueueGauges() {}

    /** Where the gauges come from. */
    record Source(Map<QueueId, QueueStats> queues, Function<QueueId, @Nullable QueueFacts> facts) {}

    /** The numbers of one queue, or of all queues that share a name. */
    private static final class Sum {
        final Map<String, Double> tasks = new LinkedHashMap<>();
        final Map<String, Double> states = new TreeMap<>();
        double oldest;
        double inFlight;
        double unwritten;
        double enforced;
        double rate;
        double concurrency;
        double failed;

        Sum() {
            STATES.forEach(state -> states.put(state, 0.0));
        }

        void add(QueueStats stats, Instant now) {
            tasks.merge("Scheduled", (double) stats.scheduled(), Double::sum);
            tasks.merge("Queued", (double) stats.queued(), Double::sum);
            tasks.merge("Dispatching", (double) stats.dispatching(), Double::sum);
            tasks.merge("BackingOff", (double) stats.backingOff(), Double::sum);
            oldest = Math.max(oldest, age(stats, now));
            inFlight += stats.dispatching();
            unwritten += stats.waiting().getOrDefault(Obstacle.Reason.WriteRefused, 0);
            enforced += stats.enforcedPerSecond();
        }

        void add(QueueFacts facts) {
            states.merge(facts.state(), 1.0, Double::sum);
            rate += facts.ratePerSecond();
            concurrency += facts.maxConcurrent();
            failed += facts.failedRetained();
        }
    }

    /** @param source every queue that exists, and every queue that Tasks name although it does not exist */
    static List<MetricSnapshot> of(Source source, NamedQueues names, Instant now) {
        var sums = new LinkedHashMap<QueueId, Sum>();
        source.queues().forEach((queue, stats) -> {
            if (stats.isOfExistingQueue()) {
                Sum sum = sums.computeIfAbsent(names.of(queue), absent -> new Sum());
                sum.add(stats, now);
                QueueFacts facts = source.facts().apply(queue);
                if (facts != null) {
                    sum.add(facts);
                }
            }
        });
        Stream<MetricSnapshot> gauges = Stream.of(
                byLabel(
                        "taskqueue_tasks",
                        "Tasks, and items of TaskBatches, that have not ended, by state.",
                        sums,
                        sum -> sum.tasks),
                byLabel(
                        "taskqueue_queue_state",
                        "1 for the state that a queue is in, 0 for the others; for " + NamedQueues.OTHER.name()
                                + " the number of queues in the state.",
                        sums,
                        sum -> sum.states),
                gauge(
                        "taskqueue_oldest_due_age_seconds",
                        "How long the longest waiting Task or item of those not in flight has been due, in seconds; 0 where none is due.",
                        sums,
                        sum -> sum.oldest),
                gauge(
                        "taskqueue_in_flight",
                        "Requests in flight, or whose outcome is not yet written.",
                        sums,
                        sum -> sum.inFlight),
                gauge(
                        "taskqueue_concurrency_limit",
                        "How many requests of the queue may be in flight, by its spec.",
                        sums,
                        sum -> sum.concurrency),
                gauge(
                        "taskqueue_enforced_dispatches_per_second",
                        "The dispatch rate in force, in dispatches per second; below the queue's own where it is throttled.",
                        sums,
                        sum -> sum.enforced),
                gauge(
                        "taskqueue_rate_limit_per_second",
                        "The dispatch rate of the queue's spec, in dispatches per second.",
                        sums,
                        sum -> sum.rate),
                gauge(
                        "taskqueue_failed_retained",
                        "Tasks and TaskBatches that have failed for good and still exist.",
                        sums,
                        sum -> sum.failed),
                gauge(
                        "taskqueue_unwritten_outcomes",
                        "Tasks, and items of TaskBatches, that wait because the API server refuses to write the outcomes of their queue.",
                        sums,
                        sum -> sum.unwritten));
        return Stream.concat(gauges, Stream.of(WaitingTasksGauge.of(source.queues(), names)))
                .toList();
    }

    private static double age(QueueStats stats, Instant now) {
        Instant dueAt = stats.oldestDueAt();
        return dueAt == null ? 0 : Math.max(0, Duration.between(dueAt, now).toMillis() / 1e3);
    }

    private static GaugeSnapshot gauge(String name, String help, Map<QueueId, Sum> sums, Function<Sum, Double> number) {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
        sums.forEach((queue, sum) -> gauge.dataPoint(point(labels(queue), number.apply(sum))));
        return gauge.build();
    }

    private static GaugeSnapshot byLabel(
            String name, String help, Map<QueueId, Sum> sums, Function<Sum, Map<String, Double>> numbers) {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
        sums.forEach((queue, sum) -> numbers.apply(sum)
                .forEach((state, number) -> gauge.dataPoint(point(labels(queue).add("state", state), number))));
        return gauge.build();
    }

    private static Labels labels(QueueId queue) {
        return Labels.of("namespace", queue.namespace(), "queue", queue.name());
    }

    private static GaugeDataPointSnapshot point(Labels labels, double value) {
        return GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
    }
}
