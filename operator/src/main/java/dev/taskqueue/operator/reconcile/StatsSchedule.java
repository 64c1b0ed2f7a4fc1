package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides which queue's statistics are written next. Those of a queue are written every 10 s at most, and only if they have changed; each call names
 * one queue. Its monitor guards it.
 */
final class StatsSchedule {
    private static final Duration PAUSE = Duration.ofSeconds(10);
    /** The most queues that one call checks, so that ten thousand idle queues cost almost nothing. */
    private static final int LOOKS = 200;

    /** The time of each queue's last check. The queue whose turn it is comes first. */
    private final SequencedMap<QueueId, Instant> lookedAt = new LinkedHashMap<>();

    private final Set<QueueId> due = new HashSet<>();

    /** The queue exists. */
    synchronized void add(QueueId queue) {
        lookedAt.putIfAbsent(queue, Instant.MIN);
    }

    synchronized void remove(QueueId queue) {
        lookedAt.remove(queue);
        due.remove(queue);
    }

    /**
     * The queue whose turn it is; null if no queue has changed statistics.
     *
     * @param now by {@link dev.taskqueue.operator.engine.Clocks#steady}
     */
    synchronized @Nullable QueueId next(Instant now, Predicate<QueueId> hasNews) {
        for (int looks = Math.min(LOOKS, lookedAt.size()); looks > 0; looks--) {
            Map.Entry<QueueId, Instant> first = lookedAt.pollFirstEntry();
            QueueId queue = first.getKey();
            boolean rests = Duration.between(first.getValue(), now).compareTo(PAUSE) < 0;
            lookedAt.put(queue, rests ? first.getValue() : now);
            if (!rests && hasNews.test(queue)) {
                due.add(queue);
                return queue;
            }
        }
        return null;
    }

    /** Whether a queue's statistics are written now; true once for each turn. */
    synchronized boolean take(QueueId queue) {
        return due.remove(queue);
    }
}
