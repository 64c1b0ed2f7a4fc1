package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.alarm.AlarmClock;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.simulation.world.Step.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The alarm clock of one process, by the contract of {@link AlarmClock}: it rings by the monotonic clock, never early, on a thread of its own. */
final class SimulatedAlarm implements AlarmClock {
    private final SimulatedProcess process;
    private final FaultInjector faults;
    private final Map<QueueId, Scheduler.Timer> timers = new HashMap<>();
    private final List<Runnable> duties = new ArrayList<>();
    private Consumer<QueueId> ring = queue -> {};
    private boolean closed;

    SimulatedAlarm(SimulatedProcess process, FaultInjector faults) {
        this.process = process;
        this.faults = faults;
    }

    @Override
    public void set(QueueId queue, Duration wait) {
        clear(queue);
        timers.put(queue, process.after(wait, () -> process.threads().execute(() -> ring(queue))));
    }

    private void ring(QueueId queue) {
        if (!closed) {
            faults.pass(process, Step.AlarmRings.at(Phase.Delivered));
            ring.accept(queue);
        }
    }

    @Override
    public void clear(QueueId queue) {
        Scheduler.Timer before = timers.remove(queue);
        if (before != null) {
            before.cancel();
        }
    }

    @Override
    public void start(Consumer<QueueId> ringing) {
        ring = ringing;
        duties.forEach(Runnable::run);
    }

    @Override
    public void every(String name, Duration interval, Runnable duty) {
        duties.add(() -> next(interval, duty));
    }

    /** Each time on a new thread: a duty that hangs stops no other. */
    private void next(Duration interval, Runnable duty) {
        process.after(interval, () -> {
            if (!closed) {
                next(interval, duty);
                process.threads().execute(() -> {
                    faults.pass(process, Step.DutyRuns.at(Phase.Delivered));
                    duty.run();
                });
            }
        });
    }

    @Override
    public void close() {
        closed = true;
        timers.values().forEach(Scheduler.Timer::cancel);
    }
}
