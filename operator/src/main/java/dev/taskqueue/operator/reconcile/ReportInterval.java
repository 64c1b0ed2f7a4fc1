package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Limits how often the progress of a queue-wide operation is written: once in {@link #PAUSE} at most. */
final class ReportInterval {
    static final Duration PAUSE = Duration.ofSeconds(2);

    private final Map<QueueId, Instant> reportedAt = new ConcurrentHashMap<>();

    /**
     * The wait until the next report of a queue. Zero means that it may be written now, and counts as a report.
     *
     * @param now by {@link dev.taskqueue.operator.engine.Clocks#steady}
     */
    Duration untilNext(QueueId queue, Instant now) {
        Instant last = reportedAt.get(queue);
        if (last != null && Duration.between(last, now).compareTo(PAUSE) < 0) {
            return PAUSE.minus(Duration.between(last, now));
        }
        reportedAt.put(queue, now);
        return Duration.ZERO;
    }

    void forget(QueueId queue) {
        reportedAt.remove(queue);
    }
}
