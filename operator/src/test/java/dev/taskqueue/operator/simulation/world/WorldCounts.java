package dev.taskqueue.operator.simulation.world;

import java.util.Locale;
import java.util.Map;

/**
 * How much happened in some worlds.
 *
 * @param items of batches
 * @param faults that have happened
 */
record WorldCounts(long tasks, long items, long faults) {
    static final WorldCounts NONE = new WorldCounts(0, 0, 0);

    /** @param counts as the oracle has them */
    static WorldCounts of(Map<String, Long> counts, Coverage coverage) {
        return new WorldCounts(counts.getOrDefault("tasks", 0L), counts.getOrDefault("items", 0L), coverage.faults());
    }

    boolean reaches(WorldCounts goal) {
        return tasks >= goal.tasks && items >= goal.items && faults >= goal.faults;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%,d Tasks, %,d items of batches and %,d faults", tasks, items, faults);
    }
}
