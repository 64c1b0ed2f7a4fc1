package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.TaskStatus;
import org.jspecify.annotations.Nullable;

/**
 * The annotation values of a Task that were handled, or that were seen when they had no meaning. None of them is handled again.
 *
 * @param runNow {@code status.lastHandledRunNow}; null if there was none
 * @param redrive {@code status.lastHandledRedrive}; null if there was none
 */
public record HandledAnnotations(
        @Nullable String runNow, @Nullable String redrive) {
    public static final HandledAnnotations NOTHING = new HandledAnnotations(null, null);

    public static HandledAnnotations of(TaskStatus status) {
        return status.lastHandledRunNow() == null && status.lastHandledRedrive() == null
                ? NOTHING
                : new HandledAnnotations(status.lastHandledRunNow(), status.lastHandledRedrive());
    }

    /** These values; for a value that is missing, that of the other. */
    public HandledAnnotations over(HandledAnnotations other) {
        return equals(NOTHING)
                ? other
                : new HandledAnnotations(
                        runNow == null ? other.runNow : runNow, redrive == null ? other.redrive : redrive);
    }

    public HandledAnnotations withRunNow(String value) {
        return new HandledAnnotations(value, redrive);
    }

    public HandledAnnotations withRedrive(String value) {
        return new HandledAnnotations(runNow, value);
    }
}
