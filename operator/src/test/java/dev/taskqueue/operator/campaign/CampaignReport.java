package dev.taskqueue.operator.campaign;

import dev.taskqueue.operator.oracle.Fact;
import dev.taskqueue.operator.oracle.Oracle;
import dev.taskqueue.operator.oracle.OracleSettings;
import dev.taskqueue.operator.oracle.Violation;
import dev.taskqueue.operator.testing.TestCluster;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** What came of a campaign: numbers, and the rules that were broken. The facts and the report are also written to the folder {@code target/campaign}. */
final class CampaignReport {
    private static final Path FOLDER = Path.of("target/campaign");
    /** What holds on a machine that is free. */
    static final OracleSettings CALM = OracleSettings.realProcesses(
                    Duration.parse("PT" + TestCluster.LEASE_DURATION), CampaignCluster.GRACE)
            .withLeaseName(TestCluster.LEASE);

    /** More stories do not help anybody. */
    private static final int STORIES = 25;

    private final String name;
    private final List<String> lines;
    private final List<String> problems;
    private final Oracle oracle;

    /**
     * A report that does not know the facts yet.
     *
     * @param numbers lines that are no facts
     * @param problems what is known to be wrong without an oracle
     * @param delay how late threads ran on this machine
     */
    CampaignReport(String name, List<String> numbers, List<String> problems, Duration delay) {
        this.name = name;
        this.oracle = new Oracle(settings(delay));
        this.lines = new ArrayList<>(numbers);
        this.problems = new ArrayList<>(problems);
    }

    private static OracleSettings settings(Duration delay) {
        // The sender may be late, and then the receiver.
        Duration both = delay.multipliedBy(2);
        return both.compareTo(CALM.late()) > 0 ? CALM.withLate(both) : CALM;
    }

    /** Writes a text into the folder of the facts. */
    static void keep(String file, String text) {
        try {
            Files.createDirectories(FOLDER);
            Files.writeString(FOLDER.resolve(file), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Judges the facts of a run. */
    CampaignReport judge(List<Supplier<Fact>> facts, RecoveryTimes recovery) throws IOException {
        Files.createDirectories(FOLDER);
        Instant last = Instant.EPOCH;
        try (BufferedWriter out = Files.newBufferedWriter(FOLDER.resolve("facts-" + name + ".jsonl"))) {
            for (Supplier<Fact> each : facts) {
                Fact fact = each.get();
                out.write(FactFile.line(fact));
                out.newLine();
                oracle.observe(fact);
                recovery.observe(fact);
                last = fact.at();
            }
        }
        lines.addAll(recovery.lines());
        conclude(last);
        return this;
    }

    /** Judges the facts of an earlier run again. */
    CampaignReport judge(Path file) throws IOException {
        Instant last = Instant.EPOCH;
        try (var text = Files.newBufferedReader(file)) {
            for (String line = text.readLine(); line != null; line = text.readLine()) {
                Fact fact = FactFile.read(line);
                oracle.observe(fact);
                last = fact.at();
            }
        }
        conclude(last);
        return this;
    }

    private void conclude(Instant last) throws IOException {
        List<Violation> violations = oracle.end(last);
        oracle.counts().forEach((what, count) -> lines.add(what + ": " + count));
        Set<String> subjects = new TreeSet<>();
        for (Violation violation : violations) {
            problems.add(
                    "%s %s %s: %s".formatted(violation.at(), violation.rule(), violation.subject(), violation.text()));
            if (!violation.subject().isEmpty() && subjects.size() < STORIES && subjects.add(violation.subject())) {
                problems.add(oracle.story(violation.subject()));
            }
        }
        Files.writeString(FOLDER.resolve("report-" + name + ".txt"), text());
    }

    /** What must not be; empty if everything was right. */
    List<String> problems() {
        return problems;
    }

    String text() {
        var all = new ArrayList<>(lines);
        all.add(problems.isEmpty() ? "no rule was broken" : "PROBLEMS:");
        all.addAll(problems);
        return String.join("\n", all) + "\n";
    }
}
