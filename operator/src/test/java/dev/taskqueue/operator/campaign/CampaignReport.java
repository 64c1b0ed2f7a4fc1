package dev.taskqueue.operator.campaign;

import dev.taskqueue.operator.oracle.Fact;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** What came of a campaign. */
final class CampaignReport {
    private final List<String> lines = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    static CampaignReport of(
            CampaignOptions options,
            CampaignCluster cluster,
            RecoveryTimes recovery,
            Map<FaultKind, Integer> happened,
            Set<String> stuck,
            Duration length) {
        var report = new CampaignReport();
        List<Supplier<Fact>> facts = new CampaignFacts(cluster).inOrder();
        report.lines.add("seed %d, %d s".formatted(options.seed(), length.toSeconds()));
        report.lines.add("%d Tasks, dead letters included; %d deliveries"
                .formatted(cluster.states.created(), cluster.deliveries.deliveries()));
        report.lines.add("faults: " + happened);
        recovery.measure(facts).forEach((kind, times) -> report.lines.add(RecoveryTimes.line(kind, times)));
        stuck.forEach(task -> report.problems.add("stuck: " + task));
        for (OperatorReplica replica : cluster.replicas) {
            report.problems.addAll(replica.surprises());
        }
        return report;
    }

    /** What must not be. */
    List<String> problems() {
        return problems;
    }

    String text() {
        var all = new ArrayList<>(lines);
        all.add(problems.size() + " problems");
        all.addAll(problems);
        return String.join("\n", all) + "\n";
    }
}
