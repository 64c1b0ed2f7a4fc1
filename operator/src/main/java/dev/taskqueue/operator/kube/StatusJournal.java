package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.kube.TaskRecord.Told;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what came of a Task into its status: one merge patch that carries the resourceVersion. A refused, failed or unanswered write is
 * tried again until it is acknowledged, so no outcome is lost; whether an unanswered one arrived is read back before it is repeated. A
 * Task whose queue keeps nothing is deleted instead.
 */
final class StatusJournal implements Journal {
    private static final Logger LOG = LoggerFactory.getLogger(StatusJournal.class);

    /** Why an outcome waits while the fence is closed for a moment. */
    static final String LEADS_UNKNOWN = "whether this process still leads is not known";

    private static final Step GONE = new Step.Done(new Receipt.Gone());
    private static final Step DELETED = new Step.Done(new Receipt.Written());
    private static final Step FENCED = new Step.Done(new Receipt.Fenced());

    private final Cluster cluster;
    private final Collector collector;
    private final Tries tries;

    StatusJournal(Cluster cluster, Collector collector) {
        this.cluster = cluster;
        this.collector = collector;
        this.tries = new Tries(cluster.wall(), "Outcomes are not written yet");
    }

    @Override
    public Receipt write(DeliveryId delivery, QueueId queue, Entry entry) {
        TaskId task = delivery.task();
        Tries.Series series = tries.of(task);
        while (true) {
            TaskRecord record = cluster.tasks().get(task);
            if (record == null) {
                return new Receipt.Gone();
            }
            Step step = switch (cluster.leave(record)) {
                case GRANTED -> attempt(record, entry);
                case LATER -> new Step.Retry(LEADS_UNKNOWN, Duration.ZERO);
                case REFUSED -> FENCED;
            };
            switch (step) {
                case Step.Done done -> {
                    return done.receipt();
                }
                case Step.Retry retry -> {
                    if (!series.again(retry.why(), retry.atLeast())) {
                        return new Receipt.Fenced();
                    }
                }
                case Step.Conflict _ -> {}
            }
        }
    }

    /** What one try came to. */
    private sealed interface Step {
        record Done(Receipt receipt) implements Step {}

        record Retry(String why, Duration atLeast) implements Step {}

        /** Somebody else's change came first, and is known now. */
        record Conflict() implements Step {}
    }

    private Step attempt(TaskRecord record, Entry entry) {
        record.conclude(entry);
        boolean keepsNothing = entry instanceof Entry.Finished finished
                && collector.keepsNothing(record, finished.ending().isSuccess());
        cluster.slots().enter();
        try {
            if (keepsNothing) {
                return delete(record);
            }
            Optional<Step> stop = entry instanceof Entry.Finished finished && record.isTracked()
                    ? annotate(record, finished)
                    : Optional.empty();
            return stop.isPresent() ? stop.get() : patch(record, entry);
        } catch (IOException | IllegalArgumentException lost) {
            // An answer that makes no sense, such as a proxy's, is as good as none.
            Step step = reread(record, entry, new Step.Retry(lost.toString(), Duration.ZERO));
            return keepsNothing && step.equals(GONE) ? DELETED : step;
        } finally {
            cluster.slots().leave();
        }
    }

    /**
     * What a Task that Git or a backup may bring back bears on itself, before its status says that it has ended; empty where the status may
     * follow.
     */
    private Optional<Step> annotate(TaskRecord record, Entry.Finished finished) throws IOException {
        return switch (cluster.api().look(record.id)) {
            case Lookup.Gone _ -> Optional.of(GONE);
            case Lookup.Refused refused -> Optional.of(refused(refused.reply()));
            case Lookup.Found found -> annotate(record, found, finished);
        };
    }

    private Optional<Step> annotate(TaskRecord record, Lookup.Found found, Entry.Finished finished) throws IOException {
        record.seen(found.task());
        Optional<String> patch = Completion.patch(found.json(), finished);
        if (patch.isEmpty()) {
            return Optional.empty();
        }
        ApiServer.Reply reply = cluster.api().patch(record.id, patch.get());
        return switch (reply.code()) {
            case 200 -> {
                record.seen(TaskReader.resourceVersion(TaskReader.tree(reply.body())));
                yield Optional.empty();
            }
            case 404 -> Optional.of(GONE);
            case 409 -> Optional.of(new Step.Conflict());
            case 403, 422 -> {
                // The end counts for more than a note of it.
                LOG.warn(
                        "Task {} ends without the annotation {}: the API server answered {}",
                        record.id,
                        Annotations.COMPLETED,
                        reply.code());
                yield Optional.empty();
            }
            default -> Optional.of(refused(reply));
        };
    }

    private Step patch(TaskRecord record, Entry entry) throws IOException {
        StatusPatch patch = StatusPatch.of(
                entry, record.told(), record.resourceVersion(), cluster.wall().instant(), record.sent());
        ApiServer.Reply reply = cluster.api().patchStatus(record.id, patch.body());
        if (reply.isSuccess()) {
            return written(record, entry, TaskReader.resourceVersion(TaskReader.tree(reply.body())), patch.told());
        }
        return switch (reply.code()) {
            case 404 -> GONE;
            case 409 -> reread(record, entry, new Step.Conflict());
            default -> refused(reply);
        };
    }

    private Step delete(TaskRecord record) throws IOException {
        ApiServer.Reply reply = cluster.api().delete(record.id, Deleter.preconditions(record));
        if (reply.isSuccess() || reply.code() == 404) {
            // What is gone already went by a request of ours whose answer was lost, or is where it was to be anyway.
            record.finish();
            return DELETED;
        }
        return reply.code() == 409 ? reread(record, null, new Step.Conflict()) : refused(reply);
    }

    private static Step refused(ApiServer.Reply reply) {
        return new Step.Retry(reply.refusal(), reply.retryAfter());
    }

    private Step written(TaskRecord record, Entry entry, long version, Told told) {
        record.written(version, told);
        record.answered();
        if (entry instanceof Entry.Finished finished) {
            collector.finished(record, finished.ending().isSuccess(), finished.at());
        }
        return new Step.Done(new Receipt.Written());
    }

    /** Looks at the object: a write that was not acknowledged may be in, and a conflict says that ours is out of date. */
    private Step reread(TaskRecord record, @Nullable Entry entry, Step otherwise) {
        try {
            return switch (cluster.api().look(record.id)) {
                case Lookup.Gone _ -> GONE;
                case Lookup.Refused refused -> refused(refused.reply());
                case Lookup.Found found -> compare(record, found.task(), entry, otherwise);
            };
        } catch (IOException | IllegalArgumentException failure) {
            return new Step.Retry(failure.toString(), Duration.ZERO);
        }
    }

    private Step compare(TaskRecord record, TaskObject now, @Nullable Entry entry, Step otherwise) {
        record.seen(now);
        if (entry != null && isIn(now, entry)) {
            return written(record, entry, now.resourceVersion(), Intake.told(now));
        }
        if (Intake.isFinished(now)) {
            // Another process, when it led, came to an end that must stand.
            collector.finished(
                    record, now.status().state() == TaskState.Succeeded, Intake.endedAt(now, cluster.wall()));
            return GONE;
        }
        return otherwise;
    }

    private static boolean isIn(TaskObject task, Entry entry) {
        AttemptRecord last = entry.progress().last();
        var written = task.status().lastAttempt();
        boolean sameAttempt = last == null
                ? written == null
                : written != null
                        && Objects.equals(written.number(), last.number())
                        && Objects.equals(written.dispatchTime(), Times.format(last.dispatchedAt()));
        boolean sameEnd = (entry instanceof Entry.Finished) == Intake.isFinished(task);
        return sameAttempt && sameEnd;
    }
}
