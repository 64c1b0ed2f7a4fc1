package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.cache.RecordState.Phase;
import dev.taskqueue.operator.cache.RecordState.Redrive;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.task.HandledAnnotations;
import dev.taskqueue.operator.task.RedriveRequest;
import dev.taskqueue.operator.task.StatusReader;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.task.WrittenStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The life of a Task as one pure function: a state and a message make the next state and a list of effects. A message of another round, or with an
 * older version than is known, changes nothing.
 */
public final class TaskTransitions {
    private TaskTransitions() {}

    /** The result of a message. */
    public record Transition(RecordState state, List<TaskEffect> effects) {
        Transition(RecordState state) {
            this(state, List.of());
        }
    }

    public static Transition apply(RecordState state, TaskMessage message) {
        if (state.phase() instanceof Phase.Deleted) {
            return new Transition(state);
        }
        return switch (message) {
            case TaskMessage.Seen seen -> seen(state, seen);
            case TaskMessage.Adopted adopted -> adopted(state, adopted.object());
            case TaskMessage.Read read -> read(state, read);
            case TaskMessage.OutcomeWriteBegins begins -> new Transition(outcomeWriteBegins(state, begins));
            case TaskMessage.OutcomeWritten written -> outcomeWritten(state, written);
            case TaskMessage.OutcomeOvertaken overtaken -> outcomeOvertaken(state, overtaken.object());
            case TaskMessage.StatusWritten written -> new Transition(statusWritten(state, written));
            case TaskMessage.MetadataWritten written -> new Transition(metadataWritten(state, written));
            case TaskMessage.DeletedInPlaceOfEnd deleted -> deletedInPlaceOfEnd(state, deleted.round());
            case TaskMessage.Purged purged -> purged(state, purged.round());
            case TaskMessage.RedriveRequested requested -> redriveRequested(state, requested.value());
            case TaskMessage.RedriveDone done -> redriveDone(state, done);
            case TaskMessage.RedriveDeferred deferred -> new Transition(redriveDeferred(state, deferred.round()));
            case TaskMessage.LeadershipResumed _ -> leadershipResumed(state);
            case TaskMessage.Deleted _ ->
                new Transition(
                        state.with((Redrive) null)
                                .in(new Phase.Deleted(state.phase().round())),
                        effectsOfLeaving(state.phase()));
        };
    }

    private static Transition seen(RecordState state, TaskMessage.Seen seen) {
        TaskObject object = seen.object();
        if (object.resourceVersion() <= state.version()) {
            return new Transition(state);
        }
        if (state.phase() instanceof Phase.Unseen || seen.era() == TaskMessage.Era.FORMER) {
            return begin(state, object, StatusReader.writtenStatus(object.status()));
        }
        return followObject(state, object);
    }

    /** The known version is taken in again, because its claim ends at another time from now on. */
    private static Transition adopted(RecordState state, TaskObject object) {
        return object.resourceVersion() < state.version()
                ? new Transition(state)
                : begin(state, object, StatusReader.writtenStatus(object.status()));
    }

    private static Transition read(RecordState state, TaskMessage.Read read) {
        TaskObject object = read.object();
        if (object.resourceVersion() > state.version()) {
            return followObject(state, object);
        }
        // Nothing newer was seen since the read began, so an older version means that the API server's data was
        // restored.
        boolean wentBack = object.resourceVersion() < state.version() && read.knew() == state.version();
        return wentBack ? followObject(state, object) : new Transition(state);
    }

    /** Applies a newer object that was written while this process was the leader. */
    private static Transition followObject(RecordState state, TaskObject object) {
        WrittenStatus seen = StatusReader.writtenStatus(object.status());
        WrittenStatus writtenStatus = seen.with(state.writtenStatus().handled().over(seen.handled()));
        boolean sameRound = StatusReader.round(object.status()) == state.phase().round();
        return sameRound && staysInPhase(state.phase(), object)
                ? update(state, object, writtenStatus)
                : begin(state, object, writtenStatus);
    }

    /** Whether the phase stays the same with this object. */
    private static boolean staysInPhase(Phase phase, TaskObject object) {
        return switch (phase) {
            // The process that had the attempt in flight may have written its outcome after all.
            case Phase.Open open ->
                isOpen(object) && !(open.claimed() && object.status().claim() == null);
            case Phase.Ending _ -> isOpen(object);
            case Phase.Finished _ -> object.isFinished();
            case Phase.Deleting _ -> object.deleting() && !object.isFinished();
            case Phase.Unseen _, Phase.Deleted _ -> false;
        };
    }

    private static Transition update(RecordState state, TaskObject object, WrittenStatus writtenStatus) {
        var effects = new ArrayList<TaskEffect>();
        if (state.phase() instanceof Phase.Finished && state.tracked() != object.tracked()) {
            effects.add(new TaskEffect.Reclassify());
        }
        var next = new RecordState(
                object.resourceVersion(), object.tracked(), state.phase(), writtenStatus, state.redrive());
        return handleAnnotations(next, object, effects);
    }

    /** Takes the Task from the object, and drops what was known before. */
    private static Transition begin(RecordState state, TaskObject object, WrittenStatus writtenStatus) {
        var effects = new ArrayList<>(effectsOfLeaving(state.phase()));
        int round = StatusReader.round(object.status());
        Phase phase;
        if (object.isFinished()) {
            boolean success = object.status().state() == TaskState.Succeeded;
            phase = new Phase.Finished(round, success);
            effects.add(new TaskEffect.Retain(success, object.endedAt()));
        } else if (object.deleting()) {
            phase = new Phase.Deleting(round);
        } else {
            phase = Phase.Open.of(round, attempts(object), object.status().claim() != null);
            effects.add(new TaskEffect.Offer(object));
        }
        return handleAnnotations(
                new RecordState(object.resourceVersion(), object.tracked(), phase, writtenStatus, null),
                object,
                effects);
    }

    private static List<TaskEffect> effectsOfLeaving(Phase phase) {
        return switch (phase) {
            case Phase.Open _, Phase.Ending _ -> List.of(new TaskEffect.Cancel());
            case Phase.Finished _ -> List.of(new TaskEffect.Unretain());
            case Phase.Unseen _, Phase.Deleting _, Phase.Deleted _ -> List.of();
        };
    }

    /** Handles the actions that annotations request: each value once, and only if it has a meaning in the current state. */
    private static Transition handleAnnotations(RecordState state, TaskObject object, List<TaskEffect> effects) {
        HandledAnnotations written = HandledAnnotations.of(object.status());
        HandledAnnotations handled = state.writtenStatus().handled();
        RecordState next = state;
        String runNow = object.requestedActions().runNow();
        if (runNow != null && isNew(runNow, handled.runNow())) {
            handled = handled.withRunNow(runNow);
            if (isNew(runNow, written.runNow()) && state.phase().isDelivered()) {
                effects.add(new TaskEffect.RunNow(attempts(object)));
            }
        }
        String redrive = object.requestedActions().redrive();
        if (redrive != null && isNew(redrive, handled.redrive())) {
            if (isNew(redrive, written.redrive()) && object.status().state() == TaskState.Failed) {
                next = requestRedrive(state, RedriveRequest.byTask(redrive), effects);
            } else {
                handled = handled.withRedrive(redrive);
            }
        }
        return new Transition(
                handled.equals(state.writtenStatus().handled())
                        ? next
                        : next.with(next.writtenStatus().with(handled)),
                effects);
    }

    private static boolean isNew(String asked, @Nullable String handled) {
        return !asked.equals(handled);
    }

    private static RecordState outcomeWriteBegins(RecordState state, TaskMessage.OutcomeWriteBegins message) {
        if (!state.isDelivering(message.round())) {
            return state;
        }
        return switch (message.entry()) {
            case Journal.Entry.Finished end ->
                state.in(new Phase.Ending(message.round(), end.ending().isSuccess() ? null : end.at()));
            case Journal.Entry.BackingOff backingOff ->
                state.phase() instanceof Phase.Open open
                        ? state.in(Phase.Open.of(
                                open.round(),
                                Math.max(open.concluded(), backingOff.history().dispatches()),
                                false))
                        : state;
        };
    }

    private static Transition outcomeWritten(RecordState state, TaskMessage.OutcomeWritten message) {
        // If the watch was faster, it has brought all of this already, or something newer.
        if (!state.isDelivering(message.round()) || message.version() < state.version()) {
            return new Transition(state);
        }
        RecordState written = state.at(message.version()).with(withHandled(message.writtenStatus(), state));
        return switch (message.entry()) {
            case Journal.Entry.BackingOff _ -> new Transition(written);
            case Journal.Entry.Finished end -> {
                boolean success = end.ending().isSuccess();
                yield new Transition(
                        written.in(new Phase.Finished(message.round(), success)),
                        List.of(new TaskEffect.Release(), new TaskEffect.Retain(success, end.at())));
            }
        };
    }

    /** The delivery goes on from what the object says, with the counts and the backoff of that outcome. */
    private static Transition outcomeOvertaken(RecordState state, TaskObject object) {
        boolean isNews =
                object.resourceVersion() >= state.version() && state.isDelivering(StatusReader.round(object.status()));
        return isNews
                ? begin(state, object, withHandled(StatusReader.writtenStatus(object.status()), state))
                : new Transition(state);
    }

    private static RecordState statusWritten(RecordState state, TaskMessage.StatusWritten message) {
        return state.isDelivering(message.round()) && message.version() > state.version()
                ? state.at(message.version()).with(withHandled(message.writtenStatus(), state))
                : state;
    }

    /** Keeps the annotation values that were handled during the write. */
    private static WrittenStatus withHandled(WrittenStatus written, RecordState state) {
        return written.with(state.writtenStatus().handled().over(written.handled()));
    }

    private static RecordState metadataWritten(RecordState state, TaskMessage.MetadataWritten message) {
        return state.isDelivering(message.round()) && message.version() > state.version()
                ? state.at(message.version())
                : state;
    }

    private static Transition deletedInPlaceOfEnd(RecordState state, int round) {
        return state.isDelivering(round)
                ? new Transition(state.in(new Phase.Deleting(round)), List.of(new TaskEffect.Release()))
                : new Transition(state);
    }

    /** Nothing of it leaves any more, also if the purge is called off before the watch shows the deletion. */
    private static Transition purged(RecordState state, int round) {
        return state.isDelivering(round)
                ? new Transition(state.in(new Phase.Deleting(round)), List.of(new TaskEffect.Cancel()))
                : new Transition(state);
    }

    private static Transition redriveRequested(RecordState state, String queueValue) {
        var effects = new ArrayList<TaskEffect>();
        boolean isFailed = state.phase() instanceof Phase.Finished finished && !finished.success();
        RedriveRequest request = RedriveRequest.byQueue(queueValue);
        boolean isHandled = state.writtenStatus().handled().include(request);
        return new Transition(isFailed && !isHandled ? requestRedrive(state, request, effects) : state, effects);
    }

    private static RecordState requestRedrive(RecordState state, RedriveRequest request, List<TaskEffect> effects) {
        Redrive before = state.redrive();
        RedriveRequest all = request.after(before == null ? null : before.request());
        if (before == null || before.deferred()) {
            effects.add(new TaskEffect.StartRedrive(all));
        }
        return state.with(new Redrive(all, false));
    }

    private static Transition redriveDone(RecordState state, TaskMessage.RedriveDone message) {
        Redrive redrive = state.redrive();
        if (redrive == null || state.phase().round() != message.round()) {
            return new Transition(state);
        }
        // A value that was set meanwhile requests its own redrive. If the queue has asked meanwhile, its reconciler
        // asks again.
        return Objects.equals(redrive.request().task(), message.request().task())
                ? new Transition(state.with((Redrive) null))
                : new Transition(state, List.of(new TaskEffect.StartRedrive(redrive.request())));
    }

    private static RecordState redriveDeferred(RecordState state, int round) {
        Redrive redrive = state.redrive();
        if (redrive == null || state.phase().round() != round) {
            return state;
        }
        // If a queue requested the redrive, its reconciler requests it again.
        String own = redrive.request().task();
        return state.with(own == null ? null : new Redrive(RedriveRequest.byTask(own), true));
    }

    private static Transition leadershipResumed(RecordState state) {
        Redrive redrive = state.redrive();
        return redrive == null || !redrive.deferred()
                ? new Transition(state)
                : new Transition(
                        state.with(new Redrive(redrive.request(), false)),
                        List.of(new TaskEffect.StartRedrive(redrive.request())));
    }

    private static boolean isOpen(TaskObject object) {
        return !object.isFinished() && !object.deleting();
    }

    private static int attempts(TaskObject object) {
        Integer count = object.status().dispatchCount();
        return count == null ? 0 : count;
    }
}
