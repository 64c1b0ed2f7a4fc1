package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TraceContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Records every call. */
final class TestingListener implements Listener {
    final List<Duration> lateness = new ArrayList<>();
    final List<Outcome> outcomes = new ArrayList<>();
    final List<Duration> took = new ArrayList<>();
    final List<Ending.Reason> endings = new ArrayList<>();
    final Set<String> changed = new HashSet<>();

    @Override
    public void statusChanged(DeliveryId delivery) {
        changed.add(Story.nameOf(delivery.key()));
    }

    @Override
    public void departed(QueueId queue, Duration late) {
        lateness.add(late);
    }

    @Override
    public void attempted(
            AttemptContext attempt, Outcome outcome, Duration duration, Supplier<@Nullable TraceContext> trace) {
        outcomes.add(outcome);
        took.add(duration);
    }

    @Override
    public void finished(DeliveryKey delivery, QueueId queue, Ending ending) {
        endings.add(ending.reason());
    }
}
