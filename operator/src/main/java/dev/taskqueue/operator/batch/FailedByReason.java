package dev.taskqueue.operator.batch;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Keeps the most frequent reasons of {@code status.failedByReason}. */
final class FailedByReason {
    static final String OTHER = "Other";

    private static final int MOST = 16;

    private FailedByReason() {}

    /** The counts, with the less frequent ones added up as one. */
    static Map<String, Integer> shortened(Map<String, Integer> counts) {
        if (counts.size() <= MOST) {
            return counts;
        }
        List<Map.Entry<String, Integer>> byCount = counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .toList();
        var kept = new TreeMap<String, Integer>();
        for (int i = 0; i < byCount.size(); i++) {
            kept.merge(i < MOST ? byCount.get(i).getKey() : OTHER, byCount.get(i).getValue(), Integer::sum);
        }
        return kept;
    }
}
