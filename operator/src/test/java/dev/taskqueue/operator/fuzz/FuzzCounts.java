package dev.taskqueue.operator.fuzz;

import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Counts of a run. Safe for use by several threads. */
final class FuzzCounts {
    private final Map<String, Integer> refused = new TreeMap<>();
    private final Map<String, Integer> arrived = new TreeMap<>();
    private int skipped;
    private Duration slowest = Duration.ZERO;
    private String slowestSpec = "none";

    synchronized void refused(int code) {
        refused.merge(String.valueOf(code), 1, Integer::sum);
    }

    synchronized void arrived(String kindAndState, int spec, Duration after) {
        arrived.merge(kindAndState, 1, Integer::sum);
        if (after.compareTo(slowest) > 0) {
            slowest = after;
            slowestSpec = kindAndState + ", spec " + spec;
        }
    }

    /** The API server was too busy for a spec. */
    synchronized void skip() {
        skipped++;
    }

    synchronized int skipped() {
        return skipped;
    }

    synchronized int refused() {
        return sum(refused);
    }

    synchronized int arrived() {
        return sum(arrived);
    }

    /** How many different ends there were. */
    synchronized int states() {
        return arrived.size();
    }

    private static int sum(Map<String, Integer> counts) {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }

    synchronized String text() {
        return "refused " + sum(refused) + " " + refused + "\nskipped, because the API server was too busy: " + skipped
                + "\naccepted, with probes and controls: " + sum(arrived) + "\n" + lines(arrived)
                + "\nslowest, after all of its batch were created: " + slowest + " (" + slowestSpec + ")";
    }

    private static String lines(Map<String, Integer> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
                .map(count -> "%8d  %s".formatted(count.getValue(), count.getKey()))
                .collect(Collectors.joining("\n"));
    }
}
