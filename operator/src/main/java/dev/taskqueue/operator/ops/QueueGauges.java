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
import java.util.List;
import java.util.Map;

/** The state of the queues at one moment, as gauges. */
final class QueueGauges {
    private QueueGauges() {}

    /** @param queues every queue that exists, and every queue that Tasks name although it does not exist */
    static List<MetricSnapshot> of(Map<QueueId, QueueStats> queues, Instant now) {
        var tasks = gauge("taskqueue_tasks", "Tasks that have not ended, by state.");
        var oldest = gauge(
                "taskqueue_oldest_due_age_seconds",
                "How long the longest waiting Task of those not in flight has been due, in seconds; 0 where none is due.");
        var inFlight = gauge("taskqueue_in_flight", "Requests in flight, or whose outcome is not yet written.");
        var enforced = gauge(
                "taskqueue_enforced_dispatches_per_second",
                "The dispatch rate in force, in dispatches per second; below the queue's own where it is throttled.");
        var unwritten = gauge(
                "taskqueue_unwritten_outcomes",
                "Tasks that wait because the API server refuses to have their queue's outcomes written.");
        queues.forEach((queue, stats) -> {
            if (!stats.isOfExistingQueue()) {
                return;
            }
            Labels labels = Labels.of("namespace", queue.namespace(), "queue", queue.name());
            tasks.dataPoint(point(labels.add("state", "Scheduled"), stats.scheduled()));
            tasks.dataPoint(point(labels.add("state", "Queued"), stats.queued()));
            tasks.dataPoint(point(labels.add("state", "Dispatching"), stats.dispatching()));
            tasks.dataPoint(point(labels.add("state", "BackingOff"), stats.backingOff()));
            oldest.dataPoint(point(labels, age(stats, now)));
            inFlight.dataPoint(point(labels, stats.dispatching()));
            unwritten.dataPoint(point(labels, stats.waiting().getOrDefault(Obstacle.Reason.WriteRefused, 0)));
            enforced.dataPoint(point(labels, stats.enforcedPerSecond()));
        });
        return List.of(
                tasks.build(),
                oldest.build(),
                inFlight.build(),
                unwritten.build(),
                enforced.build(),
                WaitingTasksGauge.of(queues));
    }

    private static double age(QueueStats stats, Instant now) {
        Instant dueAt = stats.oldestDueAt();
        return dueAt == null ? 0 : Math.max(0, Duration.between(dueAt, now).toMillis() / 1e3);
    }

    private static GaugeSnapshot.Builder gauge(String name, String help) {
        return GaugeSnapshot.builder().name(name).help(help);
    }

    private static GaugeDataPointSnapshot point(Labels labels, double value) {
        return GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
    }
}
