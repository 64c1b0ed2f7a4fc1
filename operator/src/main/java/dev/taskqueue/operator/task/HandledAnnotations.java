package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.TaskStatus;
import org.jspecify.annotations.Nullable;

/**
 * The annotation values that were handled for a Task, or that were seen when they had no meaning. None of them is handled again.
 *
 * @param runNow {@code status.lastHandledRunNow}; null if there was none
 * @param redrive {@code status.lastHandledRedrive}; null if there was none
 * @param queueRedrive {@code status.lastHandledQueueRedrive}; null if there was none
 */
public record HandledAnnotations(
        @Nullable String runNow,
        @Nullable String redrive,
        @Nullable String queueRedrive) {
    public static final HandledAnnotations NOTHING = new HandledAnnotations(null, null, null);

    public static HandledAnnotations of(TaskStatus status) {
        var handled = new HandledAnnotations(
                status.lastHandledRunNow(), status.lastHandledRedrive(), status.lastHandledQueueRedrive());
        return handled.equals(NOTHING) ? NOTHING : handled;
    }

    /** These values; for a value that is missing, that of the other. */
    public HandledAnnotations over(HandledAnnotations other) {
        return equals(NOTHING)
                ? other
                : new HandledAnnotations(
                        runNow == null ? other.runNow : runNow,
                        redrive == null ? other.redrive : redrive,
                        queueRedrive == null ? other.queueRedrive : queueRedrive);
    }

    public HandledAnnotations withRunNow(String value) {
        return new HandledAnnotations(value, redrive, queueRedrive);
    }

    public HandledAnnotations withRedrive(String value) {
        return new HandledAnnotations(runNow, value, queueRedrive);
    }

    /** Whether the Task was started again for each value of this request, so that nothing is left to do. */
    public boolean include(RedriveRequest request) {
        return (request.task() == null || request.task().equals(redrive))
                && (request.queue() == null || request.queue().equals(queueRedrive));
    }

    /** With the values of a redrive that is written. */
    public HandledAnnotations with(RedriveRequest request) {
        return new HandledAnnotations(
                runNow,
                request.task() == null ? redrive : request.task(),
                request.queue() == null ? queueRedrive : request.queue());
    }
}
