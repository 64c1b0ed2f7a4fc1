package dev.taskqueue.dev;

import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.api.TaskQueueStatus;
import dev.taskqueue.operator.domain.QueueId;
import io.fabric8.kubernetes.api.model.Quantity;

/**
 * One queue as the screen shows it. The results of its Tasks are counted here, because the status of the queue reports them only every ten seconds.
 */
record QueueRow(QueueId queue, String state, String limits, int tasks, int ended) {
    private static final String MISSING = "Missing";
    private static final int BAR = 10;

    static QueueRow of(QueueId id) {
        return new QueueRow(id, MISSING, "", 0, 0);
    }

    /** Whether the TaskQueue exists. If not, only Tasks name it, or it was deleted. */
    boolean isKnown() {
        return !state.equals(MISSING);
    }

    QueueRow with(TaskQueue queue) {
        TaskQueueStatus status = queue.getStatus();
        String state = status == null || status.state() == null ? "Pending" : String.valueOf(status.state());
        return new QueueRow(this.queue, state, limits(queue), tasks, ended);
    }

    private static String limits(TaskQueue queue) {
        var limits = queue.getSpec() == null ? null : queue.getSpec().rateLimits();
        if (limits == null) {
            return "";
        }
        Quantity rate = limits.maxDispatchesPerSecond();
        return (rate == null ? "500" : rate.toString()) + "/s, " + limits.maxConcurrentDispatches() + " at once";
    }

    QueueRow missing() {
        return new QueueRow(queue, MISSING, "", tasks, ended);
    }

    QueueRow plus(int moreTasks, int moreEnded) {
        return new QueueRow(queue, state, limits, tasks + moreTasks, ended + moreEnded);
    }

    String progress() {
        int full = tasks == 0 ? 0 : (int) ((long) BAR * ended / tasks);
        return "[" + "#".repeat(full) + "-".repeat(BAR - full) + "] " + ended + "/" + tasks;
    }
}
