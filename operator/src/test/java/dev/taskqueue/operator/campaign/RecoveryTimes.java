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
import org.jspecify.annotations.Nullable;

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

    /** @param awaited what is waited for from then on; null if a fault begins */
    private record Begin(Instant at, @Nullable Wait awaited) {}

    private final List<Begin> begun = Collections.synchronizedList(new ArrayList<>());

    private final List<Wait> open = new ArrayList<>();
    private final Set<String> fresh = new HashSet<>();
    private int disturbed;
    private final Map<Kind, List<Duration>> measured = new EnumMap<>(Kind.class);

    void killed(Instant at, String process) {
        begin(Kind.KILL_TO_STANDBY, at, process);
    }

    void terminated(Instant at, String process) {
        begin(Kind.SIGTERM_TO_STANDBY, at, process);
    }

    void apiServerReady(Instant at) {
        begin(Kind.API_SERVER_TO_NEW_TASK, at, "");
    }

    /** What is still waited for then is not measured: the fault may delay it. */
    void faultBegins(Instant at) {
        begun.add(new Begin(at, null));
    }

    private void begin(Kind kind, Instant at, String process) {
        begun.add(new Begin(at, new Wait(kind, at, process)));
    }

    /** Facts come in the order of their times, after the run. */
    void observe(Fact fact) {
        while (!begun.isEmpty() && !begun.getFirst().at().isAfter(fact.at())) {
            Wait wait = begun.removeFirst().awaited();
            if (wait == null) {
                disturbed += open.size();
                open.clear();
            } else {
                fresh.clear();
                open.add(wait);
            }
        }
        if (open.isEmpty()) {
            return;
        }
        if (fact instanceof Fact.Stored stored && stored.change() == Fact.Change.Created) {
            fresh.add(stored.object().at("/metadata/uid").asText());
        } else if (fact instanceof Fact.Received received) {
            open.removeIf(wait -> {
                boolean over = isOver(wait, received);
                if (over) {
                    measured.computeIfAbsent(wait.kind(), kind -> new ArrayList<>())
                            .add(Duration.between(wait.from(), received.at()));
                }
                return over;
            });
        }
    }

    private boolean isOver(Wait wait, Fact.Received received) {
        return wait.process().isEmpty()
                ? fresh.contains(received.headers().getOrDefault("idempotency-key", ""))
                : !received.by().isEmpty() && !received.by().equals(wait.process());
    }

    /** The lines of a report. */
    List<String> lines() {
        var lines = new ArrayList<String>();
        measured.forEach((kind, times) -> {
            List<Duration> sorted = times.stream().sorted().toList();
            lines.add("%s: %d times, min %.1f s, median %.1f s, max %.1f s"
                    .formatted(
                            kind.text,
                            sorted.size(),
                            seconds(sorted.getFirst()),
                            seconds(sorted.get(sorted.size() / 2)),
                            seconds(sorted.getLast())));
        });
        if (disturbed > 0) {
            lines.add("not measured, because nothing was delivered until the next fault: " + disturbed);
        }
        return lines;
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1e3;
    }
}
