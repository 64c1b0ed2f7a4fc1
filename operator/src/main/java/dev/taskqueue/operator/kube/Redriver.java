package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts Failed Tasks again: writes into their status that they are open, a few at a time. The watch tells it to {@link Intake}, which
 * takes them in as it takes in any Task, so a crash in between loses nothing.
 */
final class Redriver {
    private static final Logger LOG = LoggerFactory.getLogger(Redriver.class);
    private static final int WORKERS = 4;

    private final Cluster cluster;
    private final Collector collector;
    private final Workers workers;
    /** Asked for and not yet written; each Task is in line once, however often it is asked for. */
    private final Set<TaskId> underway = ConcurrentHashMap.newKeySet();

    /** What Tasks' own annotations ask for and this process may not do as it does not lead. */
    private final Map<TaskId, String> waiting = new ConcurrentHashMap<>();

    Redriver(Cluster cluster, Collector collector, Executor threads) {
        this.cluster = cluster;
        this.collector = collector;
        this.workers = new Workers(threads, WORKERS);
    }

    /** @param value that of the Task's own annotation; null where its queue's asks */
    void ask(TaskId task, @Nullable String value) {
        if (underway.add(task)) {
            workers.execute(() -> {
                try {
                    redrive(task, value);
                } catch (RuntimeException failure) {
                    LOG.error("Task {} is not started again", task, failure);
                } finally {
                    underway.remove(task);
                }
            });
        }
    }

    /** Starts all those again that failed by then; may be asked any number of times. Returns how many are left. */
    int askAll(QueueId queue, Instant failedBy) {
        var failed = collector.failed(queue, failedBy);
        failed.forEach(record -> ask(record.id, null));
        return failed.size();
    }

    private void redrive(TaskId task, @Nullable String value) {
        var pause = new GrowingPause();
        while (cluster.fence().isOpen()) {
            String problem;
            try {
                problem = attempt(task, value);
            } catch (IOException | IllegalArgumentException failure) {
                problem = failure.toString();
            }
            if (problem == null) {
                return;
            }
            LOG.debug("Task {} is not started again yet: {}", task, problem);
            if (!pause.rest(Duration.ZERO)) {
                return;
            }
        }
        if (value != null) {
            waiting.put(task, value);
        }
    }

    /** The fence has opened. What another leader has done by now is not done again. */
    void opened() {
        waiting.keySet().forEach(task -> {
            String value = waiting.remove(task);
            if (value != null) {
                ask(task, value);
            }
        });
    }

    /** The Task is gone, or comes anew with what it asks for. */
    void forget(TaskId task) {
        waiting.remove(task);
    }

    /** Returns what is in the way for now; null where it is done, or nothing is to be done. */
    private @Nullable String attempt(TaskId id, @Nullable String value) throws IOException {
        return switch (cluster.api().look(id)) {
            case Lookup.Gone _ -> null;
            case Lookup.Refused refused -> refused.reply().refusal();
            case Lookup.Found found -> reopen(found.task(), value);
        };
    }

    private @Nullable String reopen(TaskObject task, @Nullable String value) throws IOException {
        boolean isDone = value != null && value.equals(task.status().lastHandledRedrive());
        if (task.status().state() != TaskState.Failed || isDone) {
            return null;
        }
        StatusPatch patch = StatusPatch.redriven(task, value, cluster.wall().instant());
        ApiServer.Reply reply = cluster.api().patchStatus(task.id(), patch.body());
        return reply.isSuccess() || reply.code() == 404 ? null : reply.refusal();
    }
}
