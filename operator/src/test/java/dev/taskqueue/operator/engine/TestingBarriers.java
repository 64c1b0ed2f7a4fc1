package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.simulation.SequentialThreads;
import dev.taskqueue.operator.simulation.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.function.Function;

/**
 * The barriers where an attempt's thread meets the outside world: {@code prepare NAME}, {@code fetch NAME}, {@code send NAME} and
 * {@code write NAME}. A story may shut each of them, or say how long it takes to pass. A {@code *} for the name means all.
 */
final class TestingBarriers {
    private final SequentialThreads threads;
    private final VirtualTime time;
    private final Set<String> shut = new HashSet<>();
    private final Map<String, Queue<Runnable>> waiting = new HashMap<>();
    private final Map<String, Function<String, Duration>> takes = new HashMap<>();

    TestingBarriers(SequentialThreads threads, VirtualTime time) {
        this.threads = threads;
        this.time = time;
    }

    void shut(String barrier) {
        shut.add(barrier);
    }

    void open(String barrier) {
        shut.remove(barrier);
        Queue<Runnable> released = waiting.remove(barrier);
        if (released != null) {
            released.forEach(Runnable::run);
        }
    }

    void takes(String barrier, Function<String, Duration> duration) {
        takes.put(barrier, duration);
    }

    void pass(String what, String name) {
        await(what + " *");
        await(what + " " + name);
        Function<String, Duration> duration = takes.getOrDefault(what + " " + name, takes.get(what + " *"));
        Duration pause = duration == null ? Duration.ZERO : duration.apply(name);
        if (!pause.isZero()) {
            threads.pause(goOn -> time.after(pause, goOn));
        }
    }

    private void await(String barrier) {
        if (shut.contains(barrier)) {
            threads.pause(goOn ->
                    waiting.computeIfAbsent(barrier, _ -> new ArrayDeque<>()).add(goOn));
        }
    }
}
