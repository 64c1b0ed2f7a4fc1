package dev.taskqueue.operator;

import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Delivery;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.engine.Engine;
import java.util.Optional;
import java.util.function.Function;

/**
 * Asks the engine for the status of a Task's delivery. This is the one late binding of the wiring: the engine is built with the dispatcher, and
 * the dispatcher asks the engine for a delivery's status. Until {@link #bind}, no Task has a status.
 */
final class TaskStatusLookup implements Function<TaskId, Optional<DeliveryStatus>> {
    private final TaskCache tasks;
    private volatile Function<Delivery, Optional<DeliveryStatus>> engine = delivery -> Optional.empty();

    TaskStatusLookup(TaskCache tasks) {
        this.tasks = tasks;
    }

    /** Called once, as soon as the engine is built and before any Task comes in. */
    void bind(Engine built) {
        engine = built::deliveryStatus;
    }

    /** The status of a Task's delivery; empty for a Task that has ended or was not seen yet. */
    @Override
    public Optional<DeliveryStatus> apply(TaskId task) {
        return Optional.ofNullable(tasks.get(task)).map(TaskRecord::delivery).flatMap(engine);
    }
}
