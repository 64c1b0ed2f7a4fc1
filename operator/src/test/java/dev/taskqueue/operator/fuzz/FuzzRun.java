package dev.taskqueue.operator.fuzz;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Tries the specs of a seed in rounds, until all are tried or some are wrong. What is wrong is reported with the smallest spec that shows it. */
final class FuzzRun {
    static final int ROUND = 2_000;
    private static final int MOST_REPORTS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final FuzzWorld world;
    private final long seed;
    private final SpecDeck deck;
    private final FuzzCounts counts;
    private final List<String> reports = new ArrayList<>();
    private final AtomicInteger rounds = new AtomicInteger();

    FuzzRun(FuzzWorld world, long seed, FuzzCounts counts) {
        this.world = world;
        this.counts = counts;
        this.seed = seed;
        this.deck = new SpecDeck(seed, FuzzWorld.NAMES);
    }

    /** Tries specs {@code from} up to {@code to}. Prints what is wrong, and goes on until too much is. */
    void tryAll(int from, int to) {
        for (int next = from; next < to && reports.size() < MOST_REPORTS; next += ROUND) {
            List<FuzzSpec> specs = IntStream.range(next, Math.min(to, next + ROUND))
                    .mapToObj(deck::spec)
                    .toList();
            List<Finding> findings = round(specs, counts, PATIENCE);
            if (!findings.isEmpty()) {
                // To find the smallest spec takes long, and may fail.
                findings.stream().limit(3).forEach(finding -> System.out.println("[fuzz] found: " + finding));
                reports.add(report(specs, findings));
                System.out.println("[fuzz] " + reports.getLast());
            }
        }
    }

    /** Throws if something was wrong. */
    void assertNothingFound() {
        if (!reports.isEmpty()) {
            throw new AssertionError(String.join("\n", reports));
        }
    }

    private List<Finding> round(List<FuzzSpec> specs, FuzzCounts where, Duration patience) {
        return new FuzzRound(world, where, specs, rounds.incrementAndGet(), patience).run();
    }

    private String report(List<FuzzSpec> specs, List<Finding> findings) {
        var report = new ArrayList<String>();
        report.add(
                "Seed %d, %d findings. To try these specs again: mvn -Pfuzz verify -Dfuzz.seed=%d -Dfuzz.first=%d -Dfuzz.specs=%d"
                        .formatted(
                                seed,
                                findings.size(),
                                seed,
                                specs.getFirst().index(),
                                specs.getLast().index() + 1));
        findings.stream().limit(20).map(Finding::toString).forEach(report::add);
        Finding first = findings.getFirst();
        var shrinker = new Shrinker(fewer -> round(fewer, new FuzzCounts(), Duration.ofSeconds(15)).stream()
                .anyMatch(finding -> finding.rule().equals(first.rule())));
        shrinker.shrink(specs, first.spec())
                .forEach(spec -> report.add("The smallest spec that shows the first: spec "
                        + spec.index() + " " + spec.changes() + (spec.strict() ? " Strict " : " ")
                        + Finding.cut(FuzzClient.write(spec.manifest()))
                        + (spec.later().isEmpty() ? "" : ", later patched by " + FuzzClient.write(spec.later()))));
        return String.join("\n", report);
    }
}
