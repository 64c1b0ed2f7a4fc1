package dev.taskqueue.operator;

import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Delivery;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Turn;
import java.util.Optional;
import java.util.function.Function;

/**
 * Asks the engine for the status of a Task's delivery. This is the one late binding of the wiring: the engine is built with the dispatcher, and
 * the dispatcher asks the engine for a delivery's status. Until {@link #bind}, no Task has a status.
 *
 * <p>It adds what the engine does not know: what a queue that does not exist is probably called, and how a queue is paused.
 */
final class TaskStatusLookup implements Function<TaskId, Optional<DeliveryStatus>> {
    private final TaskCache tasks;
    private final QueueProfiles queues;
    private volatile Function<Delivery, Optional<DeliveryStatus>> status = delivery -> Optional.empty();
    private volatile Function<Delivery, Optional<DeliveryStatus>> statusWithTurn = delivery -> Optional.empty();

    TaskStatusLookup(TaskCache tasks, QueueProfiles queues) {
        this.tasks = tasks;
        this.queues = queues;
    }

    /** Called once, as soon as the engine is built and before any Task comes in. */
    void bind(Engine built) {
        status = built::deliveryStatus;
        statusWithTurn = built::deliveryStatusWithTurn;
    }

    /** The status of a Task's delivery; empty for a Task that has ended or was not seen yet. */
    @Override
    public Optional<DeliveryStatus> apply(TaskId task) {
        return lookUp(task, status);
    }

    /** The same; that of a Task that waits for its turn also says why. It costs more. */
    Optional<DeliveryStatus> withTurn(TaskId task) {
        return lookUp(task, statusWithTurn);
    }

    private Optional<DeliveryStatus> lookUp(TaskId task, Function<Delivery, Optional<DeliveryStatus>> engine) {
        TaskRecord record = tasks.get(task);
        Delivery delivery = record == null ? null : record.delivery();
        return record == null || delivery == null
                ? Optional.empty()
                : engine.apply(delivery).map(found -> complete(record.queue, found));
    }

    private DeliveryStatus complete(QueueId queue, DeliveryStatus found) {
        return switch (found) {
            case DeliveryStatus.Blocked blocked
            when blocked.obstacle().reason() == Obstacle.Reason.QueueNotFound ->
                new DeliveryStatus.Blocked(queues.missing(queue, blocked.obstacle()));
            case DeliveryStatus.Queued(var dueAt, Turn(var at, Turn.Paused _)) -> {
                Turn.Paused pause = queues.pause(queue);
                yield pause == null ? found : new DeliveryStatus.Queued(dueAt, new Turn(at, pause));
            }
            default -> found;
        };
    }
}
