package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.api.RequestSummary;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Delivery;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.engine.Standing;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is kept of a Task object while it exists. There are many of these: keep it small. Its own monitor guards it. */
final class TaskRecord {
    final TaskId id;
    final QueueId queue;
    /** {@code spec.ttlAfterFinished}. */
    final @Nullable Duration ttl;

    private static final int ALL = Integer.MAX_VALUE;

    private long resourceVersion;
    private boolean tracked;
    private boolean finished;
    private Told told;
    /** The attempt whose outcome was written last, or is being written; {@link #ALL} once the end is. */
    private int concluded;
    /** The request in flight, where status is to tell of it. */
    private @Nullable RequestSummary sent;
    /** What the engine has of it; null where it never had anything. */
    private @Nullable Delivery delivery;
    /** The list in which the object was last seen. */
    int listing;

    /**
     * What status says already.
     *
     * @param state as {@link #name} has it; empty before the first write
     * @param accepted whether condition Accepted is True
     * @param acceptedAt when condition Accepted last changed its status
     * @param openedAt when condition Succeeded became Unknown; null before the first write
     * @param request whether {@code status.request} is there
     * @param handled what the annotations asked for and was heeded; the next outcome says so where status does not yet
     * @param claimedBy which process has claimed the attempt in flight; null where there is no claim
     */
    record Told(
            String state,
            boolean accepted,
            @Nullable Instant acceptedAt,
            @Nullable Instant openedAt,
            boolean request,
            Handled handled,
            @Nullable String claimedBy) {
        static final Told NOTHING = new Told("", false, null, null);

        /** Of a Task whose annotations asked for nothing, of whose request nothing is told, and which nobody has claimed. */
        Told(String state, boolean accepted, @Nullable Instant acceptedAt, @Nullable Instant openedAt) {
            this(state, accepted, acceptedAt, openedAt, false, Handled.NOTHING);
        }

        /** Which nobody has claimed. */
        Told(
                String state,
                boolean accepted,
                @Nullable Instant acceptedAt,
                @Nullable Instant openedAt,
                boolean request,
                Handled handled) {
            this(state, accepted, acceptedAt, openedAt, request, handled, null);
        }

        Told with(Handled other) {
            return new Told(state, accepted, acceptedAt, openedAt, request, other, claimedBy);
        }

        Told claimedBy(@Nullable String holder) {
            return new Told(state, accepted, acceptedAt, openedAt, request, handled, holder);
        }

        boolean isClaimedBy(String holder) {
            return holder.equals(claimedBy);
        }

        /**
         * What is news when it changes, as one short text that many Tasks share: {@code status.state}, the reason of condition Succeeded,
         * and where something must change first, a mark of the sentence that says what.
         */
        static String name(TaskState state, String reason, boolean accepted, String message) {
            String name = state + "/" + reason;
            return (accepted ? name : name + "/" + Integer.toHexString(message.hashCode())).intern();
        }
    }

    TaskRecord(TaskObject task, @Nullable Duration ttl, Told told) {
        this.id = task.id();
        this.queue = task.queue();
        this.ttl = ttl;
        this.resourceVersion = task.resourceVersion();
        this.tracked = task.tracked();
        this.told = told;
    }

    synchronized long resourceVersion() {
        return resourceVersion;
    }

    /** Takes a resourceVersion in; an older one than is known changes nothing. */
    synchronized void seen(long version) {
        resourceVersion = Math.max(resourceVersion, version);
    }

    synchronized void seen(TaskObject task) {
        if (task.resourceVersion() > resourceVersion) {
            // It may tell of a write of ours whose answer was lost.
            Told fresh = History.told(task.status());
            told = fresh.with(told.handled().over(fresh.handled()));
        }
        seen(task.resourceVersion());
        tracked = task.tracked();
    }

    /** The object as the API server has it: that counts, also where its version is lower, as after a restore of etcd. */
    synchronized void reread(TaskObject task) {
        if (task.resourceVersion() < resourceVersion) {
            resourceVersion = 0;
        }
        seen(task);
    }

    synchronized void written(long version, Told now) {
        seen(version);
        told = now;
    }

    synchronized @Nullable Delivery delivery() {
        return delivery;
    }

    /** The engine has it now. */
    synchronized void delivers(Delivery offered) {
        delivery = offered;
    }

    /** A request leaves, of which status is to tell. */
    synchronized void sends(RequestSummary request) {
        sent = request;
    }

    /** The request in flight; null where there is none, or the Task's own spec says it all. */
    synchronized @Nullable RequestSummary sent() {
        return sent;
    }

    /** Its outcome is in status. */
    synchronized void answered() {
        sent = null;
    }

    /** An outcome is about to be written. */
    synchronized void conclude(Journal.Entry entry) {
        concluded = entry instanceof Journal.Entry.Finished
                ? ALL
                : Math.max(concluded, entry.progress().dispatches());
    }

    /** Whether an outcome has overtaken this: the engine learns only after the write that an attempt is over. */
    synchronized boolean isOvertaken(Standing standing) {
        return concluded == ALL
                || (standing instanceof Standing.Dispatching attempt
                        && attempt.before().dispatches() < concluded);
    }

    /** Whether its end is being written, or was. */
    synchronized boolean isEnding() {
        return finished || concluded == ALL;
    }

    synchronized Told told() {
        return told;
    }

    synchronized boolean isTracked() {
        return tracked;
    }

    /** Returns false where that was known. */
    synchronized boolean finish() {
        boolean first = !finished;
        finished = true;
        return first;
    }

    synchronized boolean isFinished() {
        return finished;
    }

    /** It was started again. */
    synchronized void reopen() {
        finished = false;
        concluded = 0;
    }

    /** Takes in the value of an annotation; returns whether it asks for an attempt at once that was not heeded before. */
    synchronized boolean heedRunNow(@Nullable String value) {
        if (value == null || value.equals(told.handled().runNow())) {
            return false;
        }
        told = told.with(told.handled().withRunNow(value));
        return true;
    }

    /** Whether the value of an annotation asks for another start that was not heeded before. */
    synchronized boolean isNewRedrive(@Nullable String value) {
        return value != null && !value.equals(told.handled().redrive());
    }

    /** The value came at a time when there was nothing to start again. */
    synchronized void ignoreRedrive(String value) {
        told = told.with(told.handled().withRedrive(value));
    }
}
