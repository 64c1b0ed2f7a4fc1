package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.api.RequestSummary;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Delivery;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.engine.Standing;
import dev.taskqueue.operator.kube.EntryState.Phase;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of one Task, while its object exists. What decides is an immutable {@link EntryState}: whoever hears something of the Task
 * says so here, {@link TaskTransitions} make the next state, and what follows from it is done before the next message is heard.
 *
 * <p>Its monitor makes the messages one line. It is held while the engine is called, and so before a lane's; nothing that may block is done under
 * it, and nobody who holds a lane's monitor may send a message. Reading needs no monitor. There are many of these: keep it small.
 */
final class TaskRecord {
    final TaskId id;
    final QueueId queue;

    private volatile EntryState state;
    /** What the engine has of it; null where the engine has nothing. */
    private volatile @Nullable Delivery delivery;
    /** Null for most Tasks. */
    private @Nullable Belongings belongings;

    private TaskEffect.@Nullable Performer performer;
    /** The list in which the object was last seen; the watch's own. */
    int listing;

    /** What few Tasks have at a time. */
    private static final class Belongings {
        /** {@code spec.ttlAfterFinished}. */
        @Nullable Duration ttl;
        /** The spec, from when the Task came in until it is prepared. */
        Payloads.@Nullable Payload payload;
        /** The request in flight, where status is to tell of it. */
        @Nullable RequestSummary sent;
        /** The request that has just failed, as a dead letter would repeat it. */
        @Nullable LetterDraft draft;
        /** Its place among the finished Tasks. */
        FinishedTasks.@Nullable Retained retained;

        boolean isEmpty() {
            return ttl == null && payload == null && sent == null && draft == null && retained == null;
        }
    }

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

        Told {
            if (openedAt != null && openedAt.equals(acceptedAt)) {
                // For most Tasks the two are one: there are many of these.
                openedAt = acceptedAt;
            }
        }

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

    private TaskRecord(TaskObject task, EntryState state) {
        this.id = task.id();
        this.queue = task.queue();
        this.state = state;
        Duration ttl = task.ttl();
        if (ttl != null) {
            belongings().ttl = ttl;
        }
    }

    /** Of a Task of which nothing is known, until its object is seen. What names it never changes. */
    static TaskRecord unseen(TaskObject task) {
        return new TaskRecord(task, EntryState.UNSEEN);
    }

    /** Of a Task as its object has it. */
    static TaskRecord of(TaskObject task) {
        var seen = new TaskMessage.Seen(task, TaskMessage.Era.OWN);
        return new TaskRecord(
                task, TaskTransitions.apply(EntryState.UNSEEN, seen).state());
    }

    /** From now on what follows from a message is done. */
    synchronized void perform(TaskEffect.Performer by) {
        performer = by;
    }

    /** Takes a message in. Returns what is known from now on. */
    synchronized EntryState tell(TaskMessage message) {
        TaskTransitions.Transition next = TaskTransitions.apply(state, message);
        if (message instanceof TaskMessage.Acknowledged written
                && next.state().phase().round() == written.round()) {
            answered();
        }
        state = next.state();
        for (TaskEffect effect : next.effects()) {
            if (performer != null) {
                performer.perform(this, effect);
            }
        }
        return state;
    }

    /** What an outcome's write is to do. */
    enum Due {
        /** Write it. */
        WRITE,
        /** An end of this round is known already: ask the API server whether it is this one. */
        COMPARE,
        /** Nothing: the Task is in another round, or gone. */
        NOTHING
    }

    /** An outcome is about to be written. */
    Due concluding(Journal.Entry entry) {
        int round = entry.progress().round();
        EntryState known = tell(new TaskMessage.Concluding(round, entry));
        if (known.isDelivering(round)) {
            return Due.WRITE;
        }
        return known.phase() instanceof Phase.Finished finished && finished.round() == round
                ? Due.COMPARE
                : Due.NOTHING;
    }

    /** All of it at one time: a patch carries the version of the very state that it was made from. */
    EntryState known() {
        return state;
    }

    /** The delivery that the Task is in, or was in last. */
    DeliveryId deliveryId() {
        return new DeliveryId(id, state.phase().round());
    }

    int round() {
        return state.phase().round();
    }

    long resourceVersion() {
        return state.version();
    }

    Told told() {
        return state.told();
    }

    boolean isTracked() {
        return state.tracked();
    }

    boolean isFinished() {
        return state.phase() instanceof Phase.Finished;
    }

    /** Whether its end is being written, or was. */
    boolean isEnding() {
        return !(state.phase() instanceof Phase.Open);
    }

    boolean isOvertaken(Standing standing) {
        return state.isOvertaken(standing);
    }

    @Nullable Delivery delivery() {
        return delivery;
    }

    synchronized void delivers(Delivery offered) {
        delivery = offered;
    }

    /** Its delivery is over, and with it all that belonged to one attempt. Returns what the engine had of it. */
    synchronized @Nullable Delivery release(Payloads payloads) {
        Delivery released = delivery;
        delivery = null;
        takePayload(payloads);
        Belongings has = belongings;
        if (has != null) {
            has.sent = null;
            has.draft = null;
            tidy(has);
        }
        return released;
    }

    synchronized void ridesAlong(Payloads.Payload payload) {
        belongings().payload = payload;
    }

    /** Hands out the spec that rode along, once; null where there is none. */
    synchronized @Nullable TaskObject takePayload(Payloads payloads) {
        Belongings has = belongings;
        if (has == null || has.payload == null) {
            return null;
        }
        TaskObject object = payloads.take(has.payload);
        has.payload = null;
        tidy(has);
        return object;
    }

    /** A request of that round leaves, of which status is to tell. */
    synchronized void sends(int round, RequestSummary request) {
        if (state.isDelivering(round)) {
            belongings().sent = request;
        }
    }

    /** The request in flight; null where there is none, or the Task's own spec says it all. */
    synchronized @Nullable RequestSummary sent() {
        return belongings == null ? null : belongings.sent;
    }

    /** Its outcome is in status. */
    private void answered() {
        Belongings has = belongings;
        if (has != null) {
            has.sent = null;
            tidy(has);
        }
    }

    /** A request of that round has failed. From now until its outcome is written it is kept as it was sent. */
    synchronized void keep(int round, LetterDraft draft) {
        if (state.isDelivering(round)) {
            belongings().draft = draft;
        }
    }

    /** Hands out the request that has failed, once; null where this process has not sent it just now. */
    synchronized @Nullable LetterDraft takeDraft() {
        Belongings has = belongings;
        if (has == null) {
            return null;
        }
        LetterDraft draft = has.draft;
        has.draft = null;
        tidy(has);
        return draft;
    }

    synchronized @Nullable Duration ttl() {
        return belongings == null ? null : belongings.ttl;
    }

    synchronized FinishedTasks.@Nullable Retained retained() {
        return belongings == null ? null : belongings.retained;
    }

    synchronized void retain(FinishedTasks.@Nullable Retained place) {
        Belongings has = belongings();
        has.retained = place;
        tidy(has);
    }

    private Belongings belongings() {
        Belongings has = belongings;
        if (has == null) {
            has = new Belongings();
            belongings = has;
        }
        return has;
    }

    private void tidy(Belongings has) {
        if (has.isEmpty()) {
            belongings = null;
        }
    }
}
