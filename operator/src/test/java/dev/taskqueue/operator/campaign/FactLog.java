package dev.taskqueue.operator.campaign;

import dev.taskqueue.operator.oracle.Fact;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/** Collects what happens in a run, from any thread. Everything happens on one machine, so all times are of one clock. */
final class FactLog {
    private final List<Entry> entries = new ArrayList<>();

    /** @param fact makes the fact when it is needed: as an object, a stored version takes several times its bytes */
    private record Entry(Instant at, Supplier<Fact> fact) {}

    void add(Fact fact) {
        add(fact.at(), () -> fact);
    }

    synchronized void add(Instant at, Supplier<Fact> fact) {
        entries.add(new Entry(at, fact));
    }

    /** All facts in the order of their times. Facts of the same time keep the order in which they were added. */
    synchronized List<Supplier<Fact>> inOrder() {
        return entries.stream()
                .sorted(Comparator.comparing(Entry::at))
                .map(Entry::fact)
                .toList();
    }
}
