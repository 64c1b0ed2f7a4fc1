package dev.taskqueue.operator.simulation.world;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;

/**
 * Virtual time and the order of everything in one run. Threads of processes run until they wait; each hand-over to a thread is a step, and the random
 * numbers decide which step is next. Time passes only while no thread can run.
 *
 * <p>All of it happens on the thread that calls {@link #runUntil}.
 */
final class Scheduler {
    /** No run needs as many steps before time goes on: somebody spins. */
    private static final long SPINS = 500_000;

    private final RandomGenerator random;
    /** Of 100 hand-overs, how many are delayed. */
    private final int delayed;
    /** How many nanoseconds one is delayed at most. */
    private final long longestDelay;

    private final List<Runnable> runnable = new ArrayList<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>(Timer::compare);
    /** Steps that another thread of the JVM handed over. There are none unless a thread waited for a monitor that a waiting thread holds. */
    private final ConcurrentLinkedQueue<Runnable> foreign = new ConcurrentLinkedQueue<>();

    private final Thread carrier = Thread.currentThread();
    private long now;
    private long numbered;
    private long steps;
    private long stepsNow;
    private long foreignSteps;

    /** An event at a time; events of the same time happen in the order in which they were planned. */
    static final class Timer {
        private long at;
        private final long number;
        private final Runnable event;
        private boolean isDone;

        Timer(long at, long number, Runnable event) {
            this.at = at;
            this.number = number;
            this.event = event;
        }

        static int compare(Timer one, Timer other) {
            return one.at != other.at ? Long.compare(one.at, other.at) : Long.compare(one.number, other.number);
        }

        /** Returns false if the event has happened already. */
        boolean cancel() {
            boolean wasDone = isDone;
            isDone = true;
            return !wasDone;
        }
    }

    Scheduler(RandomGenerator random, int delayedOfHundred, Duration longestDelay) {
        this.random = random;
        this.longestDelay = longestDelay.toNanos();
        this.delayed = delayedOfHundred;
    }

    /** Nanoseconds since the start of the run. */
    long now() {
        return now;
    }

    /** The number of steps so far. */
    long steps() {
        return steps;
    }

    /** How many hand-overs did not come from the run itself, so that the run cannot be repeated. */
    long foreignSteps() {
        return foreignSteps;
    }

    Timer at(long time, Runnable event) {
        var timer = new Timer(Math.max(now, time), numbered++, event);
        timers.add(timer);
        return timer;
    }

    /** Plans an event that has just happened once more. */
    void again(Timer timer, long time) {
        timer.at = Math.max(now, time);
        timer.isDone = false;
        timers.add(timer);
    }

    Timer after(Duration pause, Runnable event) {
        return at(now + pause.toNanos(), event);
    }

    /** A thread can run on. */
    @SuppressWarnings("ReferenceEquality") // a thread is itself
    void ready(Runnable continuation) {
        Thread caller = Thread.currentThread();
        if (caller != carrier && !caller.isVirtual()) {
            foreign.add(continuation);
        } else if (delayed > 0 && random.nextInt(100) < delayed) {
            at(now + random.nextLong(longestDelay), continuation);
        } else {
            runnable.add(continuation);
        }
    }

    /** Runs everything that happens up to this time. */
    void runUntil(long time) {
        while (stepsNow < SPINS) {
            takeForeign();
            if (!runnable.isEmpty()) {
                next().run();
                steps++;
                stepsNow++;
                continue;
            }
            Timer timer = timers.peek();
            if (timer == null || timer.at > time) {
                now = Math.max(now, time);
                stepsNow = 0;
                return;
            }
            timers.poll();
            if (timer.cancel()) {
                stepsNow = timer.at == now ? stepsNow + 1 : 0;
                now = timer.at;
                timer.event.run();
                steps++;
            }
        }
        now = Math.max(now, time);
    }

    /** Whether some threads went on and on while no time passed. The run has stopped there. */
    boolean spins() {
        return stepsNow >= SPINS;
    }

    /** Any of those that can run. The last one takes its place, so that this costs nothing with many. */
    private Runnable next() {
        int last = runnable.size() - 1;
        int chosen = last == 0 ? 0 : random.nextInt(last + 1);
        Runnable next = runnable.get(chosen);
        runnable.set(chosen, runnable.get(last));
        runnable.remove(last);
        return next;
    }

    private void takeForeign() {
        for (Runnable step = foreign.poll(); step != null; step = foreign.poll()) {
            foreignSteps++;
            runnable.add(step);
        }
    }
}
