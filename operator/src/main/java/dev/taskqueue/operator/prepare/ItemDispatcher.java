package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Dispatcher;
import dev.taskqueue.operator.task.QueueProfile;
import java.time.Duration;

/**
 * Gathers what the request of an item of a TaskBatch needs. Thousands of items are prepared a second, so what the items of a batch have in common is
 * gathered once a second for all of them.
 */
public final class ItemDispatcher implements Dispatcher {
    private final ItemContents items;
    private final QueueProfiles queues;
    private final BatchTemplates templates;
    private final RequestPreparer preparer;

    public ItemDispatcher(
            ItemContents items,
            QueueProfiles queues,
            BatchTemplates templates,
            DispatchServices services,
            Duration maxDeadline) {
        this.items = items;
        this.queues = queues;
        this.templates = templates;
        this.preparer = new RequestPreparer(services, maxDeadline);
    }

    @Override
    public Preparation prepare(DeliveryId delivery, QueueId queue) {
        return switch (items.find(delivery.item())) {
            case ItemContents.Lookup.Found(ItemContent item) -> prepare(item, queue);
            case ItemContents.Lookup.Gone() -> new Preparation.NoTask();
            case ItemContents.Lookup.Unreadable(Obstacle obstacle) -> new Preparation.Blocked(obstacle);
        };
    }

    private Preparation prepare(ItemContent item, QueueId queue) {
        QueueProfile profile = queues.get(queue);
        if (profile == null) {
            return new Preparation.Blocked(Obstacle.noQueue(queue));
        }
        BatchTemplate.SharedRequest shared = templates.of(item.batch(), profile).request(item);
        return preparer.prepare(
                new DeliveredItem(item),
                shared.of(item),
                profile,
                item.dispatchDeadline(),
                https -> shared.contents(item, https));
    }
}
