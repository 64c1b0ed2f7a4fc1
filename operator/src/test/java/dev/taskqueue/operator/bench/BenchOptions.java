package dev.taskqueue.operator.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The options of the command line, each as {@code -Dbench.NAME=value}.
 *
 * @param parts which parts run, comma-separated; default all of {@value #ALL_PARTS}
 * @param tasks how many Tasks each sustained run takes; default {@value #TASKS}
 * @param batches how many TaskBatches of 1,000 items each run of parts {@code batch} and {@code crowd} takes; default {@value #BATCHES}
 * @param items how many items of TaskBatches wait at most in part {@code crowd}; default {@value #ITEMS}
 * @param purge how many Tasks part {@code purge} deletes; default {@value #PURGE}
 * @param pending how many Tasks are scheduled for later in parts {@code pending} and {@code handover}; default {@value #PENDING}
 * @param rounds how many rounds with and without each switch part {@code observability} takes; default {@value #ROUNDS}
 * @param clients how many requests the load and the bare loop keep in flight; default {@value #CLIENTS}
 * @param jvm flags of the operator's JVM, separated by spaces; default {@value #JVM}, may be empty
 */
record BenchOptions(
        Set<String> parts,
        int tasks,
        int batches,
        int items,
        int purge,
        int pending,
        int rounds,
        int clients,
        List<String> jvm) {
    private static final String ALL_PARTS =
            "road,batch,crowd,latency,neighbour,purge,pending,handover,observability,engine";
    private static final int TASKS = 5_000;
    private static final int BATCHES = 40;
    private static final int ITEMS = 1_000_000;
    private static final int PURGE = 10_000;
    private static final int PENDING = 10_000;
    private static final int ROUNDS = 8;
    private static final int CLIENTS = 16;
    private static final String JVM = "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+UseCompactObjectHeaders";

    BenchOptions {
        var unknown = new TreeSet<>(parts);
        unknown.removeAll(words(ALL_PARTS, ","));
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "bench.parts names " + unknown + ", which do not exist: choose from " + ALL_PARTS);
        }
    }

    static BenchOptions read() {
        return new BenchOptions(
                Set.copyOf(words(System.getProperty("bench.parts", ALL_PARTS), ",")),
                Integer.getInteger("bench.tasks", TASKS),
                Integer.getInteger("bench.batches", BATCHES),
                Integer.getInteger("bench.items", ITEMS),
                Integer.getInteger("bench.purge", PURGE),
                Integer.getInteger("bench.pending", PENDING),
                Integer.getInteger("bench.rounds", ROUNDS),
                Integer.getInteger("bench.clients", CLIENTS),
                words(System.getProperty("bench.jvm", JVM), " "));
    }

    boolean runs(String part) {
        return parts.contains(part);
    }

    /** Whether any part but {@code engine} runs. */
    boolean needsCluster() {
        return parts.stream().anyMatch(part -> !part.equals("engine"));
    }

    private static List<String> words(String text, String separator) {
        return Arrays.stream(text.split(separator))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }
}
