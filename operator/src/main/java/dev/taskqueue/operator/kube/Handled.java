package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.api.TaskStatus;
import org.jspecify.annotations.Nullable;

/**
 * The annotation values of a Task that were acted on, or seen at a time when they meant nothing: none of them is acted on again.
 *
 * @param runNow {@code status.lastHandledRunNow}; null where there was none
 * @param redrive {@code status.lastHandledRedrive}; null where there was none
 */
record Handled(@Nullable String runNow, @Nullable String redrive) {
    static final Handled NOTHING = new Handled(null, null);

    static Handled of(TaskStatus status) {
        return status.lastHandledRunNow() == null && status.lastHandledRedrive() == null
                ? NOTHING
                : new Handled(status.lastHandledRunNow(), status.lastHandledRedrive());
    }

    /** These values, and those of the other where there are none. */
    Handled over(Handled other) {
        return equals(NOTHING)
                ? other
                : new Handled(runNow == null ? other.runNow : runNow, redrive == null ? other.redrive : redrive);
    }

    Handled withRunNow(String value) {
        return new Handled(value, redrive);
    }

    Handled withRedrive(String value) {
        return new Handled(runNow, value);
    }
}
