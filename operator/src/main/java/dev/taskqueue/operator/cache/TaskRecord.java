package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.api.RequestSummary;
import dev.taskqueue.operator.cache.RecordState.Phase;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Delivery;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.task.DeadLetterDraft;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.task.WrittenStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of one Task, while its object exists. What decides is an immutable {@link RecordState}: whoever hears something of the Task
 * says so here, {@link TaskTransitions} make the next state, and what follows from it is done before the next message is heard.
 *
 * <p>Its monitor makes the messages one line. It is held while the engine is called, and so before a lane's; nothing that may block is done under
 * it, and nobody who holds a lane's monitor may send a message. Reading needs no monitor. There are many of these: keep it small.
 */
public final class TaskRecord {
    public final TaskId id;
    public final QueueId queue;

    private volatile RecordState state;
    /** What the engine has of it; null where the engine has nothing. */
    private volatile @Nullable Delivery delivery;
    /** Null for most Tasks. */
    private @Nullable Belongings belongings;

    private TaskEffect.@Nullable Performer performer;
    /** The list in which the object was last seen; the watch's own. */
    public int listing;

    /** What few Tasks have at a time. */
    private static final class Belongings {
        /** {@code spec.ttlAfterFinished}. */
        @Nullable Duration ttl;
        /** The spec, from when the Task came in until it is prepared. */
        SpecCache.@Nullable CachedSpec payload;
        /** The request in flight, where status is to tell of it. */
        @Nullable RequestSummary sent;
        /** The request that has just failed, as a dead letter would repeat it. */
        @Nullable DeadLetterDraft draft;
        /** Its place among the finished Tasks. */
        FinishedTasks.@Nullable Retained retained;

        boolean isEmpty() {
            return ttl == null && payload == null && sent == null && draft == null && retained == null;
        }
    }

    private TaskRecord(TaskObject task, RecordState state) {
        this.id = task.id();
        this.queue = task.queue();
        this.state = state;
        Duration ttl = task.ttl();
        if (ttl != null) {
            belongings().ttl = ttl;
        }
    }

    /** Of a Task of which nothing is known, until its object is seen. What names it never changes. */
    public static TaskRecord unseen(TaskObject task) {
        return new TaskRecord(task, RecordState.UNSEEN);
    }

    /** Of a Task as its object has it. */
    static TaskRecord of(TaskObject task) {
        var seen = new TaskMessage.Seen(task, TaskMessage.Era.OWN);
        return new TaskRecord(
                task, TaskTransitions.apply(RecordState.UNSEEN, seen).state());
    }

    /** From now on what follows from a message is done. */
    synchronized void perform(TaskEffect.Performer by) {
        performer = by;
    }

    /** Takes a message in. Returns what is known from now on. */
    public synchronized RecordState apply(TaskMessage message) {
        TaskTransitions.Transition next = TaskTransitions.apply(state, message);
        if (message instanceof TaskMessage.OutcomeWritten written
                && next.state().phase().round() == written.round()) {
            dropSentRequest();
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
    public enum OutcomeWriteStep {
        /** Write it. */
        WRITE,
        /** An end of this round is known already: ask the API server whether it is this one. */
        COMPARE,
        /** Nothing: the Task is in another round, or gone. */
        NOTHING
    }

    /** An outcome is about to be written. */
    public OutcomeWriteStep beginOutcomeWrite(Journal.Entry entry) {
        int round = entry.progress().round();
        RecordState next = apply(new TaskMessage.OutcomeWriteBegins(round, entry));
        if (next.isDelivering(round)) {
            return OutcomeWriteStep.WRITE;
        }
        return next.phase() instanceof Phase.Finished finished && finished.round() == round
                ? OutcomeWriteStep.COMPARE
                : OutcomeWriteStep.NOTHING;
    }

    /** All of it at one time: a patch carries the version of the very state that it was made from. */
    public RecordState state() {
        return state;
    }

    /** The delivery that the Task is in, or was in last. */
    DeliveryId deliveryId() {
        return new DeliveryId(id, state.phase().round());
    }

    public int round() {
        return state.phase().round();
    }

    public long resourceVersion() {
        return state.version();
    }

    public WrittenStatus writtenStatus() {
        return state.writtenStatus();
    }

    public boolean isTracked() {
        return state.tracked();
    }

    public boolean isFinished() {
        return state.phase() instanceof Phase.Finished;
    }

    /** Whether its end is being written, or was. */
    public boolean isEnding() {
        return !(state.phase() instanceof Phase.Open);
    }

    public boolean isOvertaken(DeliveryStatus deliveryStatus) {
        return state.isOvertaken(deliveryStatus);
    }

    public @Nullable Delivery delivery() {
        return delivery;
    }

    public synchronized void setDelivery(Delivery offered) {
        delivery = offered;
    }

    /** Its delivery is over, and with it all that belonged to one attempt. Returns what the engine had of it. */
    public synchronized @Nullable Delivery release(SpecCache specs) {
        Delivery released = delivery;
        delivery = null;
        takeSpec(specs);
        Belongings has = belongings;
        if (has != null) {
            has.sent = null;
            has.draft = null;
            tidy(has);
        }
        return released;
    }

    public synchronized void keepSpec(SpecCache.CachedSpec payload) {
        belongings().payload = payload;
    }

    /** Hands out the spec that rode along, once; null where there is none. */
    public synchronized @Nullable TaskObject takeSpec(SpecCache specs) {
        Belongings has = belongings;
        if (has == null || has.payload == null) {
            return null;
        }
        TaskObject object = specs.take(has.payload);
        has.payload = null;
        tidy(has);
        return object;
    }

    /** A request of that round leaves, of which status is to tell. */
    public synchronized void keepSentRequest(int round, RequestSummary request) {
        if (state.isDelivering(round)) {
            belongings().sent = request;
        }
    }

    /** The request in flight; null where there is none, or the Task's own spec says it all. */
    public synchronized @Nullable RequestSummary sentRequest() {
        return belongings == null ? null : belongings.sent;
    }

    /** Its outcome is in status. */
    private void dropSentRequest() {
        Belongings has = belongings;
        if (has != null) {
            has.sent = null;
            tidy(has);
        }
    }

    /** A request of that round has failed. From now until its outcome is written it is kept as it was sent. */
    public synchronized void keepDeadLetterDraft(int round, DeadLetterDraft draft) {
        if (state.isDelivering(round)) {
            belongings().draft = draft;
        }
    }

    /** Hands out the request that has failed, once; null where this process has not sent it just now. */
    public synchronized @Nullable DeadLetterDraft takeDeadLetterDraft() {
        Belongings has = belongings;
        if (has == null) {
            return null;
        }
        DeadLetterDraft draft = has.draft;
        has.draft = null;
        tidy(has);
        return draft;
    }

    public synchronized @Nullable Duration ttl() {
        return belongings == null ? null : belongings.ttl;
    }

    public synchronized FinishedTasks.@Nullable Retained retained() {
        return belongings == null ? null : belongings.retained;
    }

    public synchronized void retain(FinishedTasks.@Nullable Retained place) {
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
