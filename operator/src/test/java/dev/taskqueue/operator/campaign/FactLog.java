package dev.taskqueue.operator.campaign;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.operator.campaign.ScratchFile.Piece;
import dev.taskqueue.operator.oracle.Fact;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/** Collects what happens in a run, from any thread. Everything happens on one machine, so all times are of one clock. Memory has the times only. */
final class FactLog {
    private final List<Entry> entries = new ArrayList<>();
    private final ScratchFile file;

    /** @param fact reads the fact when it is needed */
    private record Entry(Instant at, Supplier<Fact> fact) {}

    FactLog(ScratchFile file) {
        this.file = file;
    }

    void add(Fact fact) {
        Piece piece = file.append(FactFile.line(fact).getBytes(UTF_8));
        add(fact.at(), () -> FactFile.read(new String(file.read(piece), UTF_8)));
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
