package dev.taskqueue.operator.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.function.Function;

/**
 * The places where an attempt's thread meets the outside world: {@code prepare NAME}, {@code send NAME} and {@code write NAME}. A story may
 * shut each of them, or say how long passing it takes; a {@code *} for the name means all.
 */
final class TestingBarriers {
    private final TestingThreads threads;
    private final TestingClocks time;
    private final ScheduledEvents agenda;
    private final Set<String> shut = new HashSet<>();
    private final Map<String, Queue<Runnable>> standing = new HashMap<>();
    private final Map<String, Function<String, Duration>> takes = new HashMap<>();

    TestingBarriers(TestingThreads threads, TestingClocks time, ScheduledEvents agenda) {
        this.threads = threads;
        this.time = time;
        this.agenda = agenda;
    }

    void shut(String door) {
        shut.add(door);
    }

    void open(String door) {
        shut.remove(door);
        Queue<Runnable> waiting = standing.remove(door);
        if (waiting != null) {
            waiting.forEach(Runnable::run);
        }
    }

    void takes(String door, Function<String, Duration> duration) {
        takes.put(door, duration);
    }

    void pass(String what, String name) {
        stand(what + " *");
        stand(what + " " + name);
        Function<String, Duration> duration = takes.getOrDefault(what + " " + name, takes.get(what + " *"));
        Duration pause = duration == null ? Duration.ZERO : duration.apply(name);
        if (!pause.isZero()) {
            threads.pause(afterAttempt -> agenda.plan(time.passed().plus(pause), afterAttempt));
        }
    }

    private void stand(String door) {
        if (shut.contains(door)) {
            threads.pause(afterAttempt ->
                    standing.computeIfAbsent(door, _ -> new ArrayDeque<>()).add(afterAttempt));
        }
    }
}
