package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.RunState;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.engine.Turn;
import dev.taskqueue.operator.reconcile.QueueRules.Judgement;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says in the status of a waiting Task how its queue is paused. */
final class PauseWords {
    private PauseWords() {}

    /** Null if the queue is not paused. */
    static Turn.@Nullable Paused of(TaskQueueSpec spec, @Nullable Hold hold, Judgement judgement) {
        if (judgement instanceof Judgement.Invalid) {
            return new Turn.Paused(Turn.By.INVALID_SPEC, "not served, as its condition Ready explains");
        }
        if (hold != null) {
            String summary = hold.summary();
            return new Turn.Paused(
                    Turn.By.HOLD, summary.substring(0, 1).toLowerCase(Locale.ROOT) + summary.substring(1));
        }
        return spec.state() == RunState.Paused ? new Turn.Paused(Turn.By.SPEC, "paused by spec.state") : null;
    }
}
