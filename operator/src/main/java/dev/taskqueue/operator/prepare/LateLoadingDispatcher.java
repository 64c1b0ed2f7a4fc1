package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Dispatcher;

/**
 * Lets large requests wait without their contents. Dozens of requests may be ready in each queue, which is more than the memory holds. A large request
 * is prepared once to see that it has no obstacle. If the engine has no room for it then, its contents are dropped and read again later.
 */
public final class LateLoadingDispatcher implements Dispatcher {
    /** A request of up to this many bytes waits with its contents. */
    static final long LIMIT = 16 << 10;

    private final Dispatcher dispatcher;

    public LateLoadingDispatcher(Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    @Override
    public Preparation prepare(DeliveryId delivery, QueueId queue) {
        return switch (dispatcher.prepare(delivery, queue)) {
            case Preparation.Ready(PreparedRequest whole)
            when whole.size() > LIMIT -> new Preparation.Large(whole.size(), whole);
            case Preparation other -> other;
        };
    }

    @Override
    public Preparation fetch(DeliveryId delivery, QueueId queue) {
        return dispatcher.prepare(delivery, queue);
    }
}
