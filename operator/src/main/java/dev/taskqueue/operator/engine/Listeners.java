package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TraceContext;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Several listeners as one. They are called one after the other. */
public record Listeners(List<Listener> all) implements Listener {
    @Override
    public void statusChanged(DeliveryId delivery) {
        all.forEach(listener -> listener.statusChanged(delivery));
    }

    @Override
    public void departed(QueueId queue, Duration lateness) {
        all.forEach(listener -> listener.departed(queue, lateness));
    }

    @Override
    public void attempted(
            AttemptContext attempt, Outcome outcome, Duration took, Supplier<@Nullable TraceContext> trace) {
        all.forEach(listener -> listener.attempted(attempt, outcome, took, trace));
    }

    @Override
    public void created(QueueId queue, int deliveries) {
        all.forEach(listener -> listener.created(queue, deliveries));
    }

    @Override
    public void deadLettered(QueueId queue, int letters) {
        all.forEach(listener -> listener.deadLettered(queue, letters));
    }

    @Override
    public void finished(DeliveryKey delivery, QueueId queue, Ending ending) {
        all.forEach(listener -> listener.finished(delivery, queue, ending));
    }
}
