package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.TaskStatus;
import org.jspecify.annotations.Nullable;

/**
 * The annotation values of a Task that were acted on, or seen at a time when they meant nothing: none of them is acted on again.
 *
 * @param runNow {@code status.lastHandledRunNow}; null where there was none
 * @param redrive {@code status.lastHandledRedrive}; null where there was none
 */
public record HandledAnnotations(
        @Nullable String runNow, @Nullable String redrive) {
    public static final HandledAnnotations NOTHING = new HandledAnnotations(null, null);

    public static HandledAnnotations of(TaskStatus status) {
        return status.lastHandledRunNow() == null && status.lastHandledRedrive() == null
                ? NOTHING
                : new HandledAnnotations(status.lastHandledRunNow(), status.lastHandledRedrive());
    }

    /** These values, and those of the other where there are none. */
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
