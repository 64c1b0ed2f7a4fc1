package dev.taskqueue.operator.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Dispatcher;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each delivery is prepared and fetched by the dispatcher of its kind. */
class KindDispatcherTest {
    private static final QueueId ORDERS = new QueueId("shop", "orders");
    private static final DeliveryId TASK = new DeliveryId(new TaskId("shop", "a", "uid-a"), 1);
    private static final DeliveryId ITEM = new DeliveryId(new ItemId(new BatchId("shop", "b", "uid-b"), 7), 2);

    private final List<String> asked = new ArrayList<>();

    private final class Recording implements Dispatcher {
        private final String name;

        Recording(String name) {
            this.name = name;
        }

        @Override
        public Preparation prepare(DeliveryId delivery, QueueId queue) {
            asked.add(name + " prepares " + delivery + " of " + queue);
            return new Preparation.NoTask();
        }

        @Override
        public Preparation fetch(DeliveryId delivery, QueueId queue) {
            asked.add(name + " fetches " + delivery + " of " + queue);
            return new Preparation.NoTask();
        }
    }

    @Test
    void eachKindHasItsOwn() {
        var dispatcher = new KindDispatcher(new Recording("tasks"), new Recording("items"));
        dispatcher.prepare(TASK, ORDERS);
        dispatcher.fetch(TASK, ORDERS);
        dispatcher.prepare(ITEM, ORDERS);
        dispatcher.fetch(ITEM, ORDERS);
        assertThat(asked)
                .containsExactly(
                        "tasks prepares shop/a of shop/orders",
                        "tasks fetches shop/a of shop/orders",
                        "items prepares shop/b[7] (round 2) of shop/orders",
                        "items fetches shop/b[7] (round 2) of shop/orders");
    }
}
