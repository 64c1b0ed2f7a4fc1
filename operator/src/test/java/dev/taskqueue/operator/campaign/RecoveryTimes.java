package dev.taskqueue.operator.campaign;

import dev.taskqueue.operator.oracle.Fact;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** How long it takes after a fault until something is delivered again. */
final class RecoveryTimes {
    /** What is measured. */
    enum Kind {
        KILL_TO_STANDBY("kill -9 of the leader to the standby's first delivery"),
        SIGTERM_TO_STANDBY("SIGTERM of the leader to the standby's first delivery"),
        API_SERVER_TO_NEW_TASK("API server ready to the first delivery of a Task created after that");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    private record Wait(Kind kind, Instant from, String process) {}

    private final List<Wait> begun = Collections.synchronizedList(new ArrayList<>());

    void killed(Instant at, String process) {
        begun.add(new Wait(Kind.KILL_TO_STANDBY, at, process));
    }

    void terminated(Instant at, String process) {
        begun.add(new Wait(Kind.SIGTERM_TO_STANDBY, at, process));
    }

    void apiServerReady(Instant at) {
        begun.add(new Wait(Kind.API_SERVER_TO_NEW_TASK, at, ""));
    }

    /** Looks the times up in the facts of the run, which come in the order of their times. */
    Map<Kind, List<Duration>> measure(Iterable<Supplier<Fact>> facts) {
        Map<Kind, List<Duration>> measured = new EnumMap<>(Kind.class);
        var open = new ArrayList<Wait>();
        var waits = new ArrayList<>(begun);
        Set<String> fresh = new HashSet<>();
        for (Supplier<Fact> supplier : facts) {
            Fact fact = supplier.get();
            while (!waits.isEmpty() && !waits.getFirst().from().isAfter(fact.at())) {
                fresh.clear();
                open.add(waits.removeFirst());
            }
            if (open.isEmpty()) {
                continue;
            }
            if (fact instanceof Fact.Stored stored && stored.change() == Fact.Change.Created) {
                fresh.add(stored.object().at("/metadata/uid").asText());
            } else if (fact instanceof Fact.Received received) {
                open.removeIf(wait -> {
                    boolean over = isOver(wait, received, fresh);
                    if (over) {
                        measured.computeIfAbsent(wait.kind(), kind -> new ArrayList<>())
                                .add(Duration.between(wait.from(), received.at()));
                    }
                    return over;
                });
            }
        }
        return measured;
    }

    private static boolean isOver(Wait wait, Fact.Received received, Set<String> fresh) {
        return wait.process().isEmpty()
                ? fresh.contains(received.headers().getOrDefault("idempotency-key", ""))
                : !received.by().isEmpty() && !received.by().equals(wait.process());
    }

    /** A line of a report. */
    static String line(Kind kind, List<Duration> times) {
        List<Duration> sorted = times.stream().sorted().toList();
        return "%s: %d times, min %.1f s, median %.1f s, max %.1f s"
                .formatted(
                        kind.text,
                        sorted.size(),
                        seconds(sorted.getFirst()),
                        seconds(sorted.get(sorted.size() / 2)),
                        seconds(sorted.getLast()));
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1e3;
    }
}
