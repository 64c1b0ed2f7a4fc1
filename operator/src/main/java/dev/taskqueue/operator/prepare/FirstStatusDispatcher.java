package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Dispatcher;
import dev.taskqueue.operator.status.WaitingStatusWriter;
import dev.taskqueue.operator.write.WriteResult;
import java.util.function.Predicate;

/**
 * Writes the waiting status of an old Task before the Task is prepared. A Task that was due long before this process led, and whose status was never
 * written, may have been sent by an earlier process whose writes were refused. If the write is refused now, too, the Task is not sent.
 */
public final class FirstStatusDispatcher implements Dispatcher {
    private final Dispatcher dispatcher;
    private final TaskCache tasks;
    private final WaitingStatusWriter status;
    private final Predicate<TaskId> isOld;

    /**
     * Wraps another dispatcher.
     *
     * @param isOld whether the Task was due long before this process led
     */
    public FirstStatusDispatcher(
            Dispatcher dispatcher, TaskCache tasks, WaitingStatusWriter status, Predicate<TaskId> isOld) {
        this.dispatcher = dispatcher;
        this.tasks = tasks;
        this.status = status;
        this.isOld = isOld;
    }

    @Override
    public Preparation prepare(DeliveryId delivery, QueueId queue) {
        TaskId task = delivery.task();
        TaskRecord record = tasks.get(task);
        if (record == null || !record.writtenStatus().name().isEmpty() || !isOld.test(task)) {
            return dispatcher.prepare(delivery, queue);
        }
        return switch (status.writeWaitingStatus(task)) {
            case WriteResult.Refused(String why, var _) ->
                new Preparation.Blocked(new Obstacle(
                        Obstacle.Reason.WriteRefused,
                        new Obstacle.Subject(Obstacle.Kind.ApiServer, task.namespace(), ""),
                        "The status of Task " + task + " cannot be written: " + why + "."));
            case WriteResult.RetryLater(String why, var _) ->
                new Preparation.Blocked(
                        UnreadableTask.obstacle(task, "The status of the Task cannot be written: " + why));
            case WriteResult.Written _, WriteResult.NotNeeded _, WriteResult.Conflict _, WriteResult.Fenced _ ->
                dispatcher.prepare(delivery, queue);
        };
    }

    /** The status was written when the Task was prepared. */
    @Override
    public Preparation fetch(DeliveryId delivery, QueueId queue) {
        return dispatcher.fetch(delivery, queue);
    }
}
