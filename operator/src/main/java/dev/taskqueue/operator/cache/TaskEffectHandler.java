package dev.taskqueue.operator.cache;

/**
 * Does what follows from a message to a Task.
 *
 * @param <T> what stands for the Task
 */
public interface TaskEffectHandler<T> {
    /** Called in the order of the effects, under the monitor of the Task's record: it must not block, and must make no request. */
    void handle(T task, TaskEffect effect);
}
