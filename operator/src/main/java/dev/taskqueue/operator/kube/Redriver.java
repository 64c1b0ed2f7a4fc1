package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
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
    private final FinishedTasks finished;
    private final Workers workers;

    Redriver(Cluster cluster, FinishedTasks finished, Executor threads) {
        this.cluster = cluster;
        this.finished = finished;
        this.workers = new Workers(threads, WORKERS);
    }

    /**
     * Starts one that its record has just noted as being started again.
     *
     * @param value that of the Task's own annotation; null where its queue's asks
     */
    void start(TaskRecord record, @Nullable String value) {
        int round = record.round();
        workers.execute(() -> {
            boolean isDone = false;
            try {
                isDone = redrive(record.id, value);
            } catch (RuntimeException failure) {
                LOG.error("Task {} is not started again", record.id, failure);
                isDone = true;
            } finally {
                record.tell(isDone ? new TaskMessage.RedriveDone(round, value) : new TaskMessage.RedriveHeld(round));
            }
        });
    }

    /** Starts all those again that failed by then; may be asked any number of times. Returns how many are left. */
    int askAll(QueueId queue, Instant failedBy) {
        var failed = finished.failed(queue, failedBy);
        failed.forEach(record -> record.tell(new TaskMessage.RedriveAsked()));
        return failed.size();
    }

    /** Returns false where this process may not write. */
    private boolean redrive(TaskId task, @Nullable String value) {
        var pause = new GrowingPause();
        while (cluster.fence().isOpen()) {
            String problem;
            try {
                problem = attempt(task, value);
            } catch (IOException | IllegalArgumentException failure) {
                problem = failure.toString();
            }
            if (problem == null) {
                return true;
            }
            LOG.debug("Task {} is not started again yet: {}", task, problem);
            if (!pause.rest(Duration.ZERO)) {
                return false;
            }
        }
        return false;
    }

    /** The fence has opened. What another leader has done by now is not done again. */
    void opened() {
        cluster.tasks().forEach(record -> {
            if (record.known().redrive() != null) {
                record.tell(new TaskMessage.Led());
            }
        });
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
