package dev.taskqueue.dev.junit;

import dev.taskqueue.operator.alarm.AlarmClock;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Clocks;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A clock that stands still until somebody moves it, and an alarm clock that follows it. A due alarm rings on the thread that moves the time. */
final class ManualAlarmClock implements InstantSource, AlarmClock {
    private final Instant start;
    private final Map<QueueId, Instant> alarms = new HashMap<>();
    private final List<Duty> duties = new ArrayList<>();
    private volatile Consumer<QueueId> ring = queue -> {};
    private volatile Instant now;

    private static final class Duty {
        final Runnable action;
        final Duration interval;
        Instant at;

        Duty(Runnable action, Duration interval, Instant at) {
            this.action = action;
            this.interval = interval;
            this.at = at;
        }
    }

    ManualAlarmClock(Instant start) {
        this.start = start;
        this.now = start;
    }

    Clocks clock() {
        return new Clocks(this, () -> Duration.between(start, now).toNanos());
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public void start(Consumer<QueueId> ring) {
        this.ring = ring;
    }

    @Override
    public synchronized void set(QueueId queue, Duration wait) {
        alarms.put(queue, now.plus(wait));
    }

    @Override
    public synchronized void clear(QueueId queue) {
        alarms.remove(queue);
    }

    @Override
    public synchronized void every(String name, Duration interval, Runnable duty) {
        duties.add(new Duty(duty, interval, now.plus(interval)));
    }

    /**
     * Moves the time to the next alarm, and rings it.
     *
     * @return false if no alarm is due until {@code limit}; then the time stays as it is
     */
    boolean ringNext(Instant limit) {
        Optional<Runnable> next = next(limit);
        next.ifPresent(Runnable::run);
        return next.isPresent();
    }

    private synchronized Optional<Runnable> next(Instant limit) {
        var alarm = alarms.entrySet().stream().min(Map.Entry.comparingByValue());
        var duty = duties.stream().min(Comparator.comparing(one -> one.at));
        boolean alarmFirst =
                alarm.isPresent() && (duty.isEmpty() || !alarm.get().getValue().isAfter(duty.get().at));
        if (alarmFirst && !alarm.get().getValue().isAfter(limit)) {
            QueueId queue = alarm.get().getKey();
            moveTo(alarms.remove(queue));
            return Optional.of(() -> ring.accept(queue));
        }
        if (!alarmFirst && duty.isPresent() && !duty.get().at.isAfter(limit)) {
            moveTo(duty.get().at);
            duty.get().at = duty.get().at.plus(duty.get().interval);
            return Optional.of(duty.get().action);
        }
        return Optional.empty();
    }

    /** Moves the time forward, never back. */
    synchronized void moveTo(@Nullable Instant at) {
        if (at != null && at.isAfter(now)) {
            now = at;
        }
    }

    @Override
    public synchronized void close() {
        alarms.clear();
        duties.clear();
    }
}
