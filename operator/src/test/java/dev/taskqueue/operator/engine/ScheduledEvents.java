package dev.taskqueue.operator.engine;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** What is going to happen in a story besides the alarm, by time, then in the order it was planned. */
final class ScheduledEvents {
    private final PriorityQueue<Entry> entries =
            new PriorityQueue<>(Comparator.comparing(Entry::at).thenComparingLong(Entry::number));
    private long planned;

    private record Entry(Duration at, long number, Runnable action) {}

    void plan(Duration at, Runnable action) {
        entries.add(new Entry(at, planned++, action));
    }

    void planEvery(Duration interval, Duration first, Runnable action) {
        plan(first, () -> {
            planEvery(interval, first.plus(interval), action);
            action.run();
        });
    }

    @Nullable Duration next() {
        Entry first = entries.peek();
        return first == null ? null : first.at;
    }

    void runDue(Duration now) {
        for (Entry first = entries.peek(); first != null && first.at.compareTo(now) <= 0; first = entries.peek()) {
            entries.remove(first);
            first.action.run();
        }
    }
}
