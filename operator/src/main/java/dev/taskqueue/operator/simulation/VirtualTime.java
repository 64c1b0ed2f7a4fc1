package dev.taskqueue.operator.simulation;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Alarm;
import dev.taskqueue.operator.engine.Clocks;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A time that leaps from one event to the next: both clocks, the alarm, and what is planned. */
public final class VirtualTime implements Alarm {
    private final Queue<Event> agenda = new PriorityQueue<>(Event.ORDER);
    private final Map<QueueId, Instant> alarms = new HashMap<>();
    private Instant now = Instant.EPOCH;
    private long events;

    private record Event(Instant at, long number, Runnable what) {
        static final Comparator<Event> ORDER = Comparator.comparing(Event::at).thenComparingLong(Event::number);
    }

    public Clocks clock() {
        return new Clocks(this::now, () -> passed().toNanos());
    }

    public Instant now() {
        return now;
    }

    public Duration passed() {
        return Duration.between(Instant.EPOCH, now);
    }

    public void after(Duration pause, Runnable what) {
        agenda.add(new Event(now.plus(pause), events++, what));
    }

    @Override
    public void set(QueueId queue, Duration wait) {
        alarms.put(queue, now.plus(wait));
    }

    @Override
    public void clear(QueueId queue) {
        alarms.remove(queue);
    }

    /** Leaps to the next moment and lets happen what is due then; false where nothing will ever happen any more. */
    public boolean leap(Consumer<QueueId> ring) {
        Event first = agenda.peek();
        @Nullable Instant next = first == null ? null : first.at();
        for (Instant alarm : alarms.values()) {
            next = next == null || alarm.isBefore(next) ? alarm : next;
        }
        if (next == null) {
            return false;
        }
        now = next.isAfter(now) ? next : now;
        for (Event due = agenda.peek(); due != null && !due.at().isAfter(now); due = agenda.peek()) {
            agenda.remove();
            due.what().run();
        }
        for (QueueId queue : alarms.keySet().toArray(QueueId[]::new)) {
            Instant alarm = alarms.get(queue);
            if (alarm != null && !alarm.isAfter(now)) {
                alarms.remove(queue);
                ring.accept(queue);
            }
        }
        return true;
    }
}
