package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.engine.Clocks;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One operating-system process: threads that can be stopped between any two steps, and the clocks of its machine. A crash takes away everything that
 * it knows; requests that it has sent go on.
 */
final class SimulatedProcess implements ProcessThreads.Owner {
    /** When the run starts, by the calendar. */
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final String name;
    private final Scheduler scheduler;
    private final ProcessThreads threads;
    /** How much faster than true time the clocks of this machine go, in parts per million. */
    private final long drift;

    private final List<Runnable> heldBack = new ArrayList<>();
    private Duration wallOffset = Duration.ZERO;
    /** For how long the machine has slept. */
    private long slept;

    private long frozenSince;
    private boolean sleeps;
    private State state = State.Running;
    /** What happens to the process before one of its next hand-overs. */
    private final List<Interruption> interruptions = new ArrayList<>();

    private enum State {
        Running,
        Frozen,
        Ended
    }

    private static final class Interruption {
        final Runnable action;
        int handOvers;

        Interruption(int handOvers, Runnable action) {
            this.handOvers = handOvers;
            this.action = action;
        }
    }

    /** @param uncaught receives the name of the process and what a thread has thrown and nobody caught */
    SimulatedProcess(String name, Scheduler scheduler, long drift, BiConsumer<String, Throwable> uncaught) {
        this.name = name;
        this.scheduler = scheduler;
        this.drift = drift;
        this.threads = new ProcessThreads(this, failure -> uncaught.accept(name, failure));
    }

    String name() {
        return name;
    }

    ProcessThreads threads() {
        return threads;
    }

    boolean isRunning() {
        return state == State.Running;
    }

    boolean isEnded() {
        return state == State.Ended;
    }

    Clocks clocks() {
        return new Clocks(this::wall, this::monotonic);
    }

    Instant wall() {
        return START.plusNanos(drifted(scheduler.now())).plus(wallOffset);
    }

    private long monotonic() {
        long stopped = sleeps && state == State.Frozen ? scheduler.now() - frozenSince : 0;
        return drifted(scheduler.now()) - slept - stopped;
    }

    private long drifted(long trueNanos) {
        return trueNanos + trueNanos / 1_000_000 * drift;
    }

    /** Sets the wall clock. */
    void setClock(Duration offset) {
        wallOffset = offset;
    }

    @Override
    public void ready(Runnable continuation) {
        scheduler.ready(() -> run(continuation));
    }

    /** Does something to the process at once, or after so many of its threads have gone on: so it can be stopped between any two of their steps. */
    void afterHandOvers(int handOvers, Runnable action) {
        if (handOvers == 0) {
            action.run();
        } else {
            interruptions.add(new Interruption(handOvers, action));
        }
    }

    private void interrupt() {
        for (Interruption each : List.copyOf(interruptions)) {
            if (each.handOvers-- == 0) {
                interruptions.remove(each);
                each.action.run();
            }
        }
    }

    private void run(Runnable step) {
        if (!interruptions.isEmpty() && state == State.Running) {
            interrupt();
        }
        switch (state) {
            case Running -> step.run();
            case Frozen -> heldBack.add(step);
            case Ended -> {}
        }
    }

    @Override
    public Scheduler.Timer after(Duration pause, Runnable event) {
        var planned = new Planned(monotonic() + Math.max(0, pause.toNanos()), event);
        planned.timer = scheduler.at(planned.trueTime(), () -> run(planned));
        return planned.timer;
    }

    /** An event by the monotonic clock. If that clock has stood still meanwhile, the event is planned again. */
    private final class Planned implements Runnable {
        private static final long TOLERANCE = 1_000;

        private final long due;
        private final Runnable event;
        private Scheduler.@Nullable Timer timer;

        Planned(long due, Runnable event) {
            this.due = due;
            this.event = event;
        }

        long trueTime() {
            long left = due - monotonic();
            return scheduler.now() + left - left / 1_000_000 * drift;
        }

        @Override
        public void run() {
            if (due - monotonic() > TOLERANCE) {
                scheduler.again(Objects.requireNonNull(timer), trueTime());
            } else {
                event.run();
            }
        }
    }

    /** The process does nothing from now on, and does not notice it. */
    void freeze(boolean machineSleeps) {
        state = State.Frozen;
        sleeps = machineSleeps;
        frozenSince = scheduler.now();
        leaveThread();
    }

    void thaw() {
        if (state != State.Frozen) {
            return;
        }
        if (sleeps) {
            slept += scheduler.now() - frozenSince;
        }
        state = State.Running;
        List<Runnable> missed = List.copyOf(heldBack);
        heldBack.clear();
        missed.forEach(step -> scheduler.ready(() -> run(step)));
    }

    /** The process ends, and nothing of it ever runs again. */
    void end() {
        state = State.Ended;
        heldBack.clear();
        leaveThread();
    }

    /** If a thread of this process has caused its own end, it stops here; a frozen one goes on from here. */
    @SuppressWarnings("ThreadPriorityCheck") // the yield hands the thread back to the scheduler, which holds it back
    private void leaveThread() {
        if (!Thread.currentThread().isVirtual()) {
            return;
        }
        if (state == State.Frozen) {
            Thread.yield();
        }
        while (state == State.Ended) {
            LockSupport.park();
        }
    }
}
