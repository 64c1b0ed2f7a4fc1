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
 * All that this process knows of one Task, as long as the object exists. The state is an immutable {@link RecordState}. Whoever learns something
 * about the Task applies a {@link TaskMessage}: {@link TaskTransitions} make the next state, and the effects are handled before the next message
 * is applied.
 *
 * <p>The monitor makes the messages one sequence. It is held while the engine is called, so it is taken before a lane's monitor: whoever holds a
 * lane's monitor must not apply a message. Nothing that may block is done under it. Reading the state needs no monitor. There is one record for
 * each Task: keep it small.
 */
public final class TaskRecord implements RetainedObject, ListedObject {
    public final TaskId id;
    public final QueueId queue;

    private volatile RecordState state;
    /** The engine's handle; null if the engine has no delivery of the Task. */
    private volatile @Nullable Delivery delivery;
    /** Null for most Tasks. */
    private @Nullable RecordAttachments<TaskRecord> attachments;

    private @Nullable TaskEffectHandler<TaskRecord> effects;
    /** The list that last held the object. Only the reflector's thread uses it. */
    public int listing;

    private TaskRecord(TaskObject task, RecordState state) {
        this.id = task.id();
        this.queue = task.queue();
        this.state = state;
        Duration ttl = task.ttl();
        if (ttl != null) {
            attachments().ttl = ttl;
        }
    }

    /** A record that knows only the names of the Task, which never change, and its TTL. */
    public static TaskRecord unseen(TaskObject task) {
        return new TaskRecord(task, RecordState.UNSEEN);
    }

    /** A record that knows what the object says. */
    static TaskRecord of(TaskObject task) {
        var seen = new TaskMessage.Seen(task, TaskMessage.Era.OWN);
        return new TaskRecord(
                task, TaskTransitions.apply(RecordState.UNSEEN, seen).state());
    }

    /** From now on this handler does what follows from the messages. */
    synchronized void handleEffects(TaskEffectHandler<TaskRecord> handler) {
        effects = handler;
    }

    /** Applies a message. Returns the state after it. */
    public synchronized RecordState apply(TaskMessage message) {
        TaskTransitions.Transition next = TaskTransitions.apply(state, message);
        if (message instanceof TaskMessage.OutcomeWritten written
                && next.state().phase().round() == written.round()) {
            dropSentRequest();
        }
        state = next.state();
        for (TaskEffect effect : next.effects()) {
            if (effects != null) {
                effects.handle(this, effect);
            }
        }
        return state;
    }

    /** What the writer of an outcome does next. */
    public enum OutcomeWriteStep {
        /** It writes the outcome. */
        WRITE,
        /** An end of this round is known already: it asks the API server whether that is the same end. */
        COMPARE,
        /** It writes nothing: the Task is in another round, or was deleted. */
        NOTHING
    }

    /** Notes that an outcome is about to be written. */
    public OutcomeWriteStep beginOutcomeWrite(Journal.Entry entry) {
        int round = entry.history().round();
        RecordState next = apply(new TaskMessage.OutcomeWriteBegins(round, entry));
        if (next.isDelivering(round)) {
            return OutcomeWriteStep.WRITE;
        }
        return next.phase() instanceof Phase.Finished finished && finished.round() == round
                ? OutcomeWriteStep.COMPARE
                : OutcomeWriteStep.NOTHING;
    }

    /** Everything at one point in time: a patch is made from one state, so that it carries the version of what it says. */
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

    @Override
    public String namespace() {
        return id.namespace();
    }

    @Override
    public int listing() {
        return listing;
    }

    @Override
    public QueueId queue() {
        return queue;
    }

    @Override
    public String uid() {
        return id.uid();
    }

    @Override
    public boolean isTracked() {
        return state.tracked();
    }

    public boolean isFinished() {
        return state.phase() instanceof Phase.Finished;
    }

    /** Whether the end of the Task is being written, or was written. */
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

    /** Forgets the delivery, and everything that belonged to one of its attempts. Returns the engine's handle. */
    public synchronized @Nullable Delivery release(SpecCache specs) {
        Delivery released = delivery;
        delivery = null;
        takeSpec(specs);
        RecordAttachments<TaskRecord> present = attachments;
        if (present != null) {
            present.sentRequest = null;
            present.deadLetterDraft = null;
            dropIfEmpty(present);
        }
        return released;
    }

    /** Keeps the spec until the request is prepared. */
    public synchronized void keepSpec(SpecCache.CachedSpec spec) {
        attachments().spec = spec;
    }

    /** Returns the spec that was kept, once; null if there is none. */
    public synchronized @Nullable TaskObject takeSpec(SpecCache specs) {
        RecordAttachments<TaskRecord> present = attachments;
        if (present == null || present.spec == null) {
            return null;
        }
        TaskObject object = specs.take(present.spec);
        present.spec = null;
        dropIfEmpty(present);
        return object;
    }

    /** Keeps a request of this round that leaves now, because status is to show it. */
    public synchronized void keepSentRequest(int round, RequestSummary request) {
        if (state.isDelivering(round)) {
            attachments().sentRequest = request;
        }
    }

    /** The request in flight; null if there is none, or if the Task's own spec says all of it. */
    public synchronized @Nullable RequestSummary sentRequest() {
        return attachments == null ? null : attachments.sentRequest;
    }

    /** Its outcome is in status. */
    private void dropSentRequest() {
        RecordAttachments<TaskRecord> present = attachments;
        if (present != null) {
            present.sentRequest = null;
            dropIfEmpty(present);
        }
    }

    /** Keeps a request of this round that has failed, as it was sent, until its outcome is written. */
    public synchronized void keepDeadLetterDraft(int round, DeadLetterDraft draft) {
        if (state.isDelivering(round)) {
            attachments().deadLetterDraft = draft;
        }
    }

    /** Returns the request that has failed, once; null if this process has not just sent it. */
    public synchronized @Nullable DeadLetterDraft takeDeadLetterDraft() {
        RecordAttachments<TaskRecord> present = attachments;
        if (present == null) {
            return null;
        }
        DeadLetterDraft draft = present.deadLetterDraft;
        present.deadLetterDraft = null;
        dropIfEmpty(present);
        return draft;
    }

    @Override
    public synchronized @Nullable Duration ttl() {
        return attachments == null ? null : attachments.ttl;
    }

    public synchronized @Nullable RetainedPlace<TaskRecord> retained() {
        return attachments == null ? null : attachments.retained;
    }

    public synchronized void retain(@Nullable RetainedPlace<TaskRecord> place) {
        RecordAttachments<TaskRecord> present = attachments();
        present.retained = place;
        dropIfEmpty(present);
    }

    private RecordAttachments<TaskRecord> attachments() {
        RecordAttachments<TaskRecord> present = attachments;
        if (present == null) {
            present = new RecordAttachments<>();
            attachments = present;
        }
        return present;
    }

    private void dropIfEmpty(RecordAttachments<TaskRecord> present) {
        if (present.isEmpty()) {
            attachments = null;
        }
    }
}
