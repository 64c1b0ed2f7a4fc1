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
 * Whose statistics are written next: a queue's at most every 10 s and only when they have changed, and one queue's each time it is asked.
 * Its monitor guards it.
 */
final class StatsSchedule {
    private static final Duration PAUSE = Duration.ofSeconds(10);
    /** How many queues are looked at in one turn at most, so that ten thousand idle ones cost next to nothing. */
    private static final int LOOKS = 200;

    /** When each queue was looked at, that one first whose turn it is. */
    private final SequencedMap<QueueId, Instant> lookedAt = new LinkedHashMap<>();

    private final Set<QueueId> due = new HashSet<>();

    /** The queue exists. */
    synchronized void add(QueueId queue) {
        lookedAt.putIfAbsent(queue, Instant.EPOCH);
    }

    synchronized void remove(QueueId queue) {
        lookedAt.remove(queue);
        due.remove(queue);
    }

    /** The queue whose turn it is; null where none has news. */
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

    /** Whether a queue's statistics are to be written now; true once for each turn. */
    synchronized boolean take(QueueId queue) {
        return due.remove(queue);
    }
}
