package dev.taskqueue.operator.events;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many Events a queue may have in a minute. What is above is counted by reason, and told in one Event at the end of that minute. {@link EventRecorder}
 * guards it.
 */
final class EventBudget {
    /** The most Events of a queue in a minute. The last of them is kept for the count of the rest. */
    static final int A_MINUTE = 10;

    static final Duration WINDOW = Duration.ofMinutes(1);

    private final long beganAt;
    private final Map<String, Integer> rest = new TreeMap<>();
    private int used;

    /** @param now monotonic nanoseconds */
    EventBudget(long now) {
        beganAt = now;
    }

    /** Whether one more may be written. If not, it is counted. */
    boolean take(String reason) {
        if (used < A_MINUTE - 1) {
            used++;
            return true;
        }
        rest.merge(reason, 1, Integer::sum);
        return false;
    }

    boolean isOver(long now) {
        return now - beganAt >= WINDOW.toNanos();
    }

    /** How many were counted, by reason. */
    Map<String, Integer> rest() {
        return rest;
    }
}
