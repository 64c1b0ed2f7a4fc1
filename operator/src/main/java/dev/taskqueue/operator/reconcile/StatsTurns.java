package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whose statistics are written next: a queue's at most every 10 s and only when they have changed, and one queue's each time it is asked.
 * Its monitor guards it.
 */
final class StatsTurns {
    private static final Duration PAUSE = Duration.ofSeconds(10);
    /** How many queues are looked at in one turn at most, so that ten thousand idle ones cost next to nothing. */
    private static final int LOOKS = 200;

    private final Deque<QueueId> order = new ArrayDeque<>();
    private final Map<QueueId, Instant> lookedAt = new HashMap<>();
    private final Set<QueueId> due = new HashSet<>();

    /** The queue exists. */
    synchronized void add(QueueId queue) {
        if (lookedAt.putIfAbsent(queue, Instant.EPOCH) == null) {
            order.add(queue);
        }
    }

    synchronized void remove(QueueId queue) {
        lookedAt.remove(queue);
        due.remove(queue);
    }

    /** The queue whose turn it is; null where none has news. */
    synchronized @Nullable QueueId next(Instant now, Predicate<QueueId> hasNews) {
        for (int looks = Math.min(LOOKS, order.size()); looks > 0; looks--) {
            QueueId queue = order.removeFirst();
            Instant last = lookedAt.get(queue);
            if (last == null) {
                continue;
            }
            order.addLast(queue);
            if (Duration.between(last, now).compareTo(PAUSE) < 0) {
                continue;
            }
            lookedAt.put(queue, now);
            if (hasNews.test(queue)) {
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
