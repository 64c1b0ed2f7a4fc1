package dev.taskqueue.dev.junit;

import dev.taskqueue.operator.TaskQueueOperator;
import dev.taskqueue.operator.api.Task;
import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.engine.QueueStats;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Waits until the operator has nothing left to do before the time moves on: the operator has seen all objects of the API server, has handled all due
 * alarms, and has no attempt in flight.
 */
final class Quiescence {
    /** A limit in real time, because a handler may take a while. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Duration PAUSE = Duration.ofMillis(2);

    private final ManualAlarmClock time;
    private final CountingThreads threads;
    private final TaskQueueOperator operator;
    private final KubernetesClient client;
    private final Set<String> services;

    /** @param services names of the Services for which a stub or a handler answers */
    Quiescence(
            ManualAlarmClock time,
            CountingThreads threads,
            TaskQueueOperator operator,
            KubernetesClient client,
            Set<String> services) {
        this.time = time;
        this.threads = threads;
        this.operator = operator;
        this.client = client;
        this.services = services;
    }

    /**
     * Moves the time forward to {@code limit}. Only the operator can have changed something, so the API server is asked only after the operator did
     * something. At most moments the operator wakes up and finds nothing to do.
     */
    void advance(Instant limit) {
        await();
        long seen = threads.started();
        while (time.ringNext(limit)) {
            if (threads.started() != seen) {
                await();
                seen = threads.started();
            }
        }
        time.moveTo(limit);
    }

    private void await() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!isStill()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("The operator did not come to rest within " + PATIENCE.toSeconds()
                        + " s; does a handler hang?");
            }
            try {
                TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
            } catch (InterruptedException stop) {
                throw new IllegalStateException("interrupted while waiting", stop);
            }
        }
    }

    private boolean isStill() {
        while (time.ringNext(time.instant())) {
            // Waits for everything that is due now.
        }
        return threads.areIdle() && hasSeenAll() && threads.areIdle();
    }

    private boolean hasSeenAll() {
        List<TaskQueue> queues =
                client.resources(TaskQueue.class).inAnyNamespace().list().getItems();
        List<Task> tasks = client.resources(Task.class).inAnyNamespace().list().getItems();
        var known = operator.stats();
        long open = tasks.stream().filter(task -> !hasEnded(task)).count();
        return queues.stream().allMatch(queue -> isSettled(queue) && known.containsKey(id(queue)))
                && known.values().stream().mapToInt(QueueStats::tasks).sum() == open
                && tasks.stream().allMatch(this::isKnown);
    }

    private static boolean isSettled(TaskQueue queue) {
        return queue.getStatus() != null
                && queue.getMetadata().getGeneration().equals(queue.getStatus().observedGeneration());
    }

    private boolean isKnown(Task task) {
        Optional<DeliveryStatus> status = operator.status(id(task));
        return hasEnded(task)
                ? status.isEmpty()
                : status.filter(now -> !awaitsNews(now)).isPresent();
    }

    /** Whether the obstacle has ended already, and the operator will see this soon. */
    private boolean awaitsNews(DeliveryStatus status) {
        return status instanceof DeliveryStatus.Blocked(Obstacle obstacle)
                && obstacle.subject().kind() == Obstacle.Kind.Service
                && services.contains(obstacle.subject().name());
    }

    private static boolean hasEnded(Task task) {
        var status = task.getStatus();
        return status != null && (status.state() == TaskState.Succeeded || status.state() == TaskState.Failed);
    }

    private static TaskId id(Task task) {
        var metadata = task.getMetadata();
        return new TaskId(metadata.getNamespace(), metadata.getName(), metadata.getUid());
    }

    private static QueueId id(TaskQueue queue) {
        return new QueueId(
                queue.getMetadata().getNamespace(), queue.getMetadata().getName());
    }
}
