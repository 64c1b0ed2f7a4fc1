package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.api.Annotations;
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
    private final RetentionCollector collector;
    private final Tries tries;

    StatusJournal(Cluster cluster, RetentionCollector collector) {
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
        switch (record.concluding(entry)) {
            case WRITE -> {}
            case COMPARE -> {
                return reread(record, entry, GONE);
            }
            case NOTHING -> {
                return GONE;
            }
        }
        boolean keepsNothing = entry instanceof Entry.Finished finished
                && collector.keepsNothing(record, finished.ending().isSuccess());
        cluster.slots().enter();
        try {
            if (keepsNothing) {
                return delete(record, entry);
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
        long knew = record.resourceVersion();
        return switch (cluster.api().look(record.id)) {
            case Lookup.Gone _ -> Optional.of(GONE);
            case Lookup.Refused refused -> Optional.of(refused(refused.reply()));
            case Lookup.Found found -> {
                record.tell(new TaskMessage.Read(knew, found.task()));
                yield record.known().isDelivering(finished.progress().round())
                        ? annotate(record, found, finished)
                        : Optional.of(new Step.Conflict());
            }
        };
    }

    private Optional<Step> annotate(TaskRecord record, Lookup.Found found, Entry.Finished finished) throws IOException {
        Optional<String> patch = Completion.patch(found.json(), finished);
        if (patch.isEmpty()) {
            return Optional.empty();
        }
        ApiServer.Reply reply = cluster.api().patch(record.id, patch.get());
        return switch (reply.code()) {
            case 200 -> {
                long version = TaskReader.resourceVersion(TaskReader.tree(reply.body()));
                record.tell(new TaskMessage.Touched(finished.progress().round(), version));
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
        EntryState known = record.known();
        StatusPatch patch = StatusPatch.of(
                entry, known.told(), known.version(), cluster.wall().instant(), record.sent());
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

    private Step delete(TaskRecord record, Entry entry) throws IOException {
        ApiServer.Reply reply = cluster.api().delete(record.id, Deleter.preconditions(record));
        if (reply.isSuccess() || reply.code() == 404) {
            // What is gone already went by a request of ours whose answer was lost, or is where it was to be anyway.
            record.tell(new TaskMessage.EndDeleted(entry.progress().round()));
            return DELETED;
        }
        return reply.code() == 409 ? reread(record, entry, new Step.Conflict()) : refused(reply);
    }

    private static Step refused(ApiServer.Reply reply) {
        return new Step.Retry(reply.refusal(), reply.retryAfter());
    }

    private Step written(TaskRecord record, Entry entry, long version, Told told) {
        record.tell(new TaskMessage.Acknowledged(entry.progress().round(), version, entry, told));
        return new Step.Done(new Receipt.Written());
    }

    /** Looks at the object: a write that was not acknowledged may be in, and a conflict says that ours is out of date. */
    private Step reread(TaskRecord record, Entry entry, Step otherwise) {
        long knew = record.resourceVersion();
        try {
            return switch (cluster.api().look(record.id)) {
                case Lookup.Gone _ -> GONE;
                case Lookup.Refused refused -> refused(refused.reply());
                case Lookup.Found found -> {
                    record.tell(new TaskMessage.Read(knew, found.task()));
                    yield compare(record, found.task(), entry, otherwise);
                }
            };
        } catch (IOException | IllegalArgumentException failure) {
            return new Step.Retry(failure.toString(), Duration.ZERO);
        }
    }

    private Step compare(TaskRecord record, TaskObject now, Entry entry, Step otherwise) {
        if (isIn(now, entry)) {
            return written(record, entry, now.resourceVersion(), History.told(now.status()));
        }
        // An end stands, whoever came to it; and what was started again is in another round.
        boolean isOver = now.isFinished()
                || History.round(now.status()) != entry.progress().round();
        return isOver ? GONE : otherwise;
    }

    private static boolean isIn(TaskObject task, Entry entry) {
        AttemptRecord last = entry.progress().last();
        var written = task.status().lastAttempt();
        boolean sameAttempt = last == null
                ? written == null
                : written != null
                        && Objects.equals(written.number(), last.number())
                        && Objects.equals(written.dispatchTime(), Times.format(last.dispatchedAt()));
        boolean sameEnd = (entry instanceof Entry.Finished) == task.isFinished();
        boolean sameRound = History.round(task.status()) == entry.progress().round();
        return sameRound && sameAttempt && sameEnd;
    }
}
