package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Dispatcher;

/** Passes each delivery to the dispatcher of its kind: that of Tasks, or that of the items of TaskBatches. */
public final class KindDispatcher implements Dispatcher {
    private final Dispatcher tasks;
    private final Dispatcher items;

    public KindDispatcher(Dispatcher tasks, Dispatcher items) {
        this.tasks = tasks;
        this.items = items;
    }

    @Override
    public Preparation prepare(DeliveryId delivery, QueueId queue) {
        return of(delivery).prepare(delivery, queue);
    }

    @Override
    public Preparation fetch(DeliveryId delivery, QueueId queue) {
        return of(delivery).fetch(delivery, queue);
    }

    private Dispatcher of(DeliveryId delivery) {
        return switch (delivery.key()) {
            case TaskId _ -> tasks;
            case ItemId _ -> items;
        };
    }
}
