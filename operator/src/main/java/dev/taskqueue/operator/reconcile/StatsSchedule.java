package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides which queue's statistics are written next. Those of a queue are written every 10 s at most, and only if they have changed; each call names
 * one queue. A queue that begins or ceases to be blocked does not wait for all others that have changed. Its monitor guards it.
 */
final class StatsSchedule {
    private static final Duration PAUSE = Duration.ofSeconds(10);
    /** The most queues that one call checks, so that ten thousand idle queues cost almost nothing. */
    private static final int LOOKS = 200;
    /** The most queues that one call asks whether they are urgent. That costs far less than a check. */
    private static final int URGENT_LOOKS = 1_000;

    /** The time of each queue's last check. The queue whose turn it is comes first. */
    private final SequencedMap<QueueId, Instant> lookedAt = new LinkedHashMap<>();

    /** All queues, in the order in which they are asked whether they are urgent. */
    private final SequencedSet<QueueId> urgencyOrder = new LinkedHashSet<>();
    /** When a queue was last named. */
    private final Map<QueueId, Instant> namedAt = new LinkedHashMap<>();

    private final Set<QueueId> due = new HashSet<>();
    private boolean urgentFirst;

    /** The queue exists. */
    synchronized void add(QueueId queue) {
        lookedAt.putIfAbsent(queue, Instant.MIN);
        urgencyOrder.add(queue);
    }

    synchronized void remove(QueueId queue) {
        lookedAt.remove(queue);
        urgencyOrder.remove(queue);
        namedAt.remove(queue);
        due.remove(queue);
    }

    /**
     * The queue whose turn it is; null if no queue has changed statistics. Every other call looks for an urgent queue first.
     *
     * @param now by {@link dev.taskqueue.operator.engine.Clocks#steady}
     * @param isUrgent must be cheap, since each call asks it about many queues
     * @param hasNews whether the statistics have changed
     */
    synchronized @Nullable QueueId next(Instant now, Predicate<QueueId> isUrgent, Predicate<QueueId> hasNews) {
        urgentFirst = !urgentFirst;
        QueueId urgent = urgentFirst ? nextUrgent(now, isUrgent) : null;
        return urgent == null ? nextInTurn(now, hasNews) : urgent;
    }

    private @Nullable QueueId nextUrgent(Instant now, Predicate<QueueId> isUrgent) {
        for (int looks = Math.min(URGENT_LOOKS, urgencyOrder.size()); looks > 0; looks--) {
            QueueId queue = urgencyOrder.removeFirst();
            urgencyOrder.addLast(queue);
            if (!rests(namedAt.getOrDefault(queue, Instant.MIN), now) && isUrgent.test(queue)) {
                lookedAt.putLast(queue, now);
                return name(queue, now);
            }
        }
        return null;
    }

    private @Nullable QueueId nextInTurn(Instant now, Predicate<QueueId> hasNews) {
        for (int looks = Math.min(LOOKS, lookedAt.size()); looks > 0; looks--) {
            Map.Entry<QueueId, Instant> first = lookedAt.pollFirstEntry();
            QueueId queue = first.getKey();
            boolean rests = rests(first.getValue(), now);
            lookedAt.put(queue, rests ? first.getValue() : now);
            if (!rests && hasNews.test(queue)) {
                return name(queue, now);
            }
        }
        return null;
    }

    private QueueId name(QueueId queue, Instant now) {
        namedAt.put(queue, now);
        due.add(queue);
        return queue;
    }

    private static boolean rests(Instant since, Instant now) {
        return Duration.between(since, now).compareTo(PAUSE) < 0;
    }

    /** Whether a queue's statistics are written now; true once for each turn. */
    synchronized boolean take(QueueId queue) {
        return due.remove(queue);
    }
}
