package dev.taskqueue.operator.simulation;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Alarm;
import dev.taskqueue.operator.engine.Clocks;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time: it stands still, and leaps from one moment to the next. A moment is the time of an alarm or of a planned action. It starts at the
 * epoch.
 */
public final class VirtualTime implements Alarm {
    private final Queue<Event> events = new PriorityQueue<>(Event.ORDER);
    private final Map<QueueId, Duration> alarms = new LinkedHashMap<>();
    private Duration passed = Duration.ZERO;
    private long planned;

    /** A planned action. Actions of the same moment happen in the order in which they were planned. */
    private record Event(Duration at, long number, Runnable action) {
        static final Comparator<Event> ORDER = Comparator.comparing(Event::at).thenComparingLong(Event::number);
    }

    /** Both clocks, as this time shows them. */
    public Clocks clocks() {
        return new Clocks(this::now, () -> passed.toNanos());
    }

    public Instant now() {
        return Instant.EPOCH.plus(passed);
    }

    /** How much time has passed since the start. */
    public Duration passed() {
        return passed;
    }

    /** Plans an action. */
    public void after(Duration pause, Runnable action) {
        events.add(new Event(passed.plus(pause), planned++, action));
    }

    /** Plans an action again and again, for the first time after one interval. */
    public void every(Duration interval, Runnable action) {
        after(interval, () -> {
            every(interval, action);
            action.run();
        });
    }

    @Override
    public void set(QueueId queue, Duration wait) {
        alarms.put(queue, passed.plus(wait));
    }

    @Override
    public void clear(QueueId queue) {
        alarms.remove(queue);
    }

    /** When the first alarm rings; null if none is set. */
    public @Nullable Duration nextAlarm() {
        Duration first = null;
        for (Duration at : alarms.values()) {
            first = first == null || at.compareTo(first) < 0 ? at : first;
        }
        return first;
    }

    /** The next moment; null if nothing will ever happen any more. */
    public @Nullable Duration next() {
        Duration alarm = nextAlarm();
        Event event = events.peek();
        return event == null || (alarm != null && alarm.compareTo(event.at()) < 0) ? alarm : event.at();
    }

    /**
     * Leaps to the next moment and lets everything happen that is due then: first the planned actions, then the alarms.
     *
     * @param ring what to do when a queue's alarm rings
     * @return false if nothing will ever happen any more
     */
    public boolean leap(Consumer<QueueId> ring) {
        Duration next = next();
        if (next == null) {
            return false;
        }
        moveTo(next);
        for (Event due = events.peek(); due != null && due.at().compareTo(passed) <= 0; due = events.peek()) {
            events.remove();
            due.action().run();
        }
        for (QueueId queue : List.copyOf(alarms.keySet())) {
            Duration alarm = alarms.get(queue);
            if (alarm != null && alarm.compareTo(passed) <= 0) {
                alarms.remove(queue);
                ring.accept(queue);
            }
        }
        return true;
    }

    /** Lets time pass until then, without anything that is due on the way. Time never goes back. */
    public void moveTo(Duration later) {
        if (later.compareTo(passed) > 0) {
            passed = later;
        }
    }
}
