package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Dispatcher;

/**
 * Lets large requests wait for their turn without what makes them large: dozens may be ready in each queue, more than there is memory for. One
 * is prepared to see that nothing stands in its way. Where the engine has no room for it by then, it is forgotten, and read again when there is.
 */
public final class LateLoadingDispatcher implements Dispatcher {
    /** Bytes up to which a request waits as it is. */
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
