package dev.taskqueue.operator.task;

import org.jspecify.annotations.Nullable;

/**
 * Who asked for a redrive of a Task: the Task's own annotation, that of its queue, or both.
 *
 * @param task the value of the Task's annotation; null if the Task did not ask
 * @param queue the value of the queue's annotation; null if the queue did not ask
 */
public record RedriveRequest(
        @Nullable String task, @Nullable String queue) {
    public static RedriveRequest byTask(String value) {
        return new RedriveRequest(value, null);
    }

    public static RedriveRequest byQueue(String value) {
        return new RedriveRequest(null, value);
    }

    /** This request together with an earlier one that is not done yet. */
    public RedriveRequest after(@Nullable RedriveRequest earlier) {
        return earlier == null
                ? this
                : new RedriveRequest(task == null ? earlier.task : task, queue == null ? earlier.queue : queue);
    }
}
