package dev.taskqueue.operator.ops;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.QueueStats;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The gauge of Tasks that wait for something that must change. It includes Tasks whose queue does not exist, since no other series shows those. The
 * number of its series is bounded: anybody who may create Tasks can write any number of names of queues that do not exist.
 */
final class WaitingTasksGauge {
    /** The most queues that do not exist and have a series of their own. */
    static final int MAX_MISSING = 50;
    /** The namespace and the queue of the series that counts the rest. No name in Kubernetes has brackets. */
    static final String OTHERS = "(others)";

    private record Missing(QueueId queue, int tasks) {}

    private WaitingTasksGauge() {}

    static GaugeSnapshot of(Map<QueueId, QueueStats> queues, NamedQueues names) {
        GaugeSnapshot.Builder waiting = GaugeSnapshot.builder()
                .name("taskqueue_waiting_tasks")
                .help(
                        "Tasks, and items of TaskBatches, that wait for something that must change, by reason (as in the queue's stats.waiting);"
                                + " QueueNotFound under the name of the queue that does not exist, at most "
                                + MAX_MISSING
                                + " of them, the rest as " + OTHERS + ".");
        var missing = new ArrayList<Missing>();
        var known = new LinkedHashMap<QueueId, Map<Obstacle.Reason, Integer>>();
        queues.forEach((queue, stats) -> {
            if (stats.isOfExistingQueue()) {
                stats.waiting()
                        .forEach((reason, tasks) -> known.computeIfAbsent(
                                        names.of(queue), absent -> new EnumMap<>(Obstacle.Reason.class))
                                .merge(reason, tasks, Integer::sum));
            } else {
                int tasks = stats.waiting().getOrDefault(Obstacle.Reason.QueueNotFound, 0);
                if (tasks > 0) {
                    missing.add(new Missing(queue, tasks));
                }
            }
        });
        known.forEach(
                (queue, reasons) -> reasons.forEach((reason, tasks) -> waiting.dataPoint(point(queue, reason, tasks))));
        addMissing(missing, waiting);
        return waiting.build();
    }

    private static void addMissing(List<Missing> missing, GaugeSnapshot.Builder waiting) {
        missing.sort(Comparator.comparingInt(Missing::tasks)
                .reversed()
                .thenComparing(one -> one.queue().namespace())
                .thenComparing(one -> one.queue().name()));
        int rest = 0;
        for (int i = 0; i < missing.size(); i++) {
            Missing one = missing.get(i);
            if (i < MAX_MISSING) {
                waiting.dataPoint(point(one.queue(), Obstacle.Reason.QueueNotFound, one.tasks()));
            } else {
                rest += one.tasks();
            }
        }
        if (rest > 0) {
            waiting.dataPoint(point(new QueueId(OTHERS, OTHERS), Obstacle.Reason.QueueNotFound, rest));
        }
    }

    private static GaugeDataPointSnapshot point(QueueId queue, Obstacle.Reason reason, int tasks) {
        return GaugeDataPointSnapshot.builder()
                .labels(Labels.of("namespace", queue.namespace(), "queue", queue.name(), "reason", reason.name()))
                .value(tasks)
                .build();
    }
}
