package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Attempt;
import dev.taskqueue.operator.engine.Dispatcher;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets large requests wait for their turn without what makes them large: dozens may be ready in each queue, more than there is memory for. One
 * is prepared to see that nothing stands in its way, forgotten, and prepared again when it leaves.
 */
final class LargeRequests implements Dispatcher {
    /** Bytes up to which a request waits as it is. */
    static final long LIMIT = 16 << 10;

    private final Dispatcher dispatcher;

    LargeRequests(Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    @Override
    public Preparation prepare(DeliveryId delivery, QueueId queue) {
        return switch (dispatcher.prepare(delivery, queue)) {
            case Preparation.Ready(Shipment whole)
            when whole.size() > LIMIT ->
                new Preparation.Ready(new Light(delivery, queue, whole.deadline(), whole.size()));
            case Preparation other -> other;
        };
    }

    /** What stands for a large request until it leaves. */
    private final class Light implements Shipment {
        private final DeliveryId delivery;
        private final QueueId queue;
        private final Duration deadline;
        private final long size;
        private @Nullable Shipment whole;

        Light(DeliveryId delivery, QueueId queue, Duration deadline, long size) {
            this.delivery = delivery;
            this.queue = queue;
            this.deadline = deadline;
            this.size = size;
        }

        @Override
        public Optional<Obstacle> obstacle() {
            return switch (dispatcher.prepare(delivery, queue)) {
                case Preparation.Ready(Shipment again) -> {
                    whole = again;
                    yield again.obstacle();
                }
                case Preparation.Blocked(Obstacle obstacle) -> Optional.of(obstacle);
                // For the moment until the watch tells the same.
                case Preparation.Gone _ -> Optional.of(Lookup.obstacle(delivery.task(), "The Task is there no more."));
            };
        }

        @Override
        public Outcome send(Attempt attempt) {
            return Objects.requireNonNull(whole, "obstacle() is asked before").send(attempt);
        }

        @Override
        public Duration deadline() {
            return deadline;
        }

        @Override
        public long size() {
            return size;
        }
    }
}
