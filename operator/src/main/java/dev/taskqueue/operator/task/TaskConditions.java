package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.engine.Journal;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the conditions of a Task say, and its {@code status.state}. Pure; {@link StatusPatch} writes it as JSON.
 *
 * @param succeeded status of condition Succeeded
 * @param reason of Succeeded and Finished
 * @param accepted reason of condition Accepted, which is True for {@link Reason#Accepted} alone
 */
record TaskConditions(TaskState state, String succeeded, Reason reason, String message, Reason accepted) {
    private static final int MAX_MESSAGE = 256;

    TaskConditions {
        message = DocLinks.append(message, reason, MAX_MESSAGE);
    }

    /** The conditions of a Task that ends. */
    static TaskConditions of(Journal.Entry.Finished finished) {
        Ending ending = finished.ending();
        return new TaskConditions(
                ending.isSuccess() ? TaskState.Succeeded : TaskState.Failed,
                ending.isSuccess() ? "True" : "False",
                Reason.valueOf(ending.reason().name()),
                ending.message(),
                ending.reason() == Ending.Reason.InvalidSpec ? Reason.InvalidSpec : Reason.Accepted);
    }

    /**
     * The conditions of a Task whose last attempt failed and that is sent again.
     *
     * @param nextTime when the next attempt is due, as text
     */
    static TaskConditions of(Journal.Entry.BackingOff backingOff, String nextTime) {
        AttemptRecord last = Objects.requireNonNull(backingOff.history().last());
        return open(
                TaskState.BackingOff,
                Reason.BackingOff,
                "Attempt %d failed: %s The next one is due at %s.".formatted(last.number(), last.message(), nextTime));
    }

    /** The conditions of a Task that waits or is in flight; null if this state is not written. */
    static @Nullable TaskConditions of(DeliveryStatus deliveryStatus) {
        return switch (deliveryStatus) {
            case DeliveryStatus.Scheduled scheduled -> open(TaskState.Scheduled, Reason.Scheduled, message(scheduled));
            case DeliveryStatus.Queued queued ->
                open(
                        TaskState.Queued,
                        TurnMessages.reason(queued.turn()),
                        TurnMessages.message(queued.dueAt(), queued.turn()));
            case DeliveryStatus.Dispatching attempt ->
                open(
                        TaskState.Dispatching,
                        Reason.Dispatching,
                        "Attempt %d is in flight since %s and ends by %s; if its operator process is gone, the Task is sent again then."
                                .formatted(
                                        attempt.before().dispatches() + 1,
                                        Times.format(attempt.dispatchedAt()),
                                        Times.format(attempt.deadlineAt())));
            case DeliveryStatus.Blocked blocked -> blocked(blocked.obstacle());
            // The write of the outcome has said it.
            case DeliveryStatus.BackingOff _ -> null;
        };
    }

    /** The conditions of a Failed Task that was started again. */
    static TaskConditions redriven(Instant now) {
        return open(
                TaskState.Queued,
                Reason.Queued,
                "Started again at " + Times.format(now) + "; it waits for its turn in the queue.");
    }

    private static String message(DeliveryStatus.Scheduled scheduled) {
        String due = "Due at " + Times.format(scheduled.dueAt()) + ".";
        Instant expiresAt = scheduled.expiresAt();
        return expiresAt == null || !scheduled.expiresBeforeDue()
                ? due
                : "It expires at %s, before it is due. %s".formatted(Times.format(expiresAt), due);
    }

    private static @Nullable TaskConditions blocked(Obstacle obstacle) {
        return switch (obstacle.reason()) {
            case NoReadyEndpoint -> open(TaskState.Queued, Reason.NoReadyEndpoint, obstacle.message());
            // These conditions could not be written either.
            case ApiServerUnavailable, WriteRefused -> null;
            default -> {
                Reason reason = Reason.valueOf(obstacle.reason().name());
                yield new TaskConditions(TaskState.Queued, "Unknown", reason, obstacle.message(), reason);
            }
        };
    }

    private static TaskConditions open(TaskState state, Reason reason, String message) {
        return new TaskConditions(state, "Unknown", reason, message, Reason.Accepted);
    }

    boolean isAccepted() {
        return accepted == Reason.Accepted;
    }

    boolean isFinished() {
        return !succeeded.equals("Unknown");
    }

    /** The short name of these conditions, as {@link WrittenStatus#name()} keeps it. */
    String name() {
        return WrittenStatus.name(state, reason.name(), isAccepted(), cut(message));
    }

    /** Whether status says something else so far. */
    boolean differFrom(WrittenStatus written) {
        return !written.name().equals(name());
    }

    /** A message of a condition or an attempt, shortened to the length that the CRD takes. */
    static String cut(String message) {
        return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE - 3) + "...";
    }
}
