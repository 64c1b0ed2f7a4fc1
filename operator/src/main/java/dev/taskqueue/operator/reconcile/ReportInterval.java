package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How often the progress of an operation on a whole queue is told: every {@link #PAUSE} at most. */
final class ReportInterval {
    static final Duration PAUSE = Duration.ofSeconds(2);

    private final Map<QueueId, Instant> toldAt = new ConcurrentHashMap<>();

    /** How long not to tell of the queue; zero = tell it now, which is then noted. */
    Duration untilNext(QueueId queue, Instant now) {
        Instant last = toldAt.get(queue);
        if (last != null && Duration.between(last, now).compareTo(PAUSE) < 0) {
            return PAUSE.minus(Duration.between(last, now));
        }
        toldAt.put(queue, now);
        return Duration.ZERO;
    }

    void forget(QueueId queue) {
        toldAt.remove(queue);
    }
}
