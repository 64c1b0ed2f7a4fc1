package dev.taskqueue.operator.simulation.world;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;

/**
 * Runs worlds, each from its own seed, in several processes. It stops when the goal is reached, when its time is over, or after some runs that broke a rule.
 * It prints a broken rule at once, and once a minute how far it is.
 */
final class SimulationSuite {
    private static final long PROGRESS_EVERY = Duration.ofMinutes(1).toNanos();

    private final Goal goal;
    private final LongUnaryOperator seeds;
    private final List<Failed> failures = new ArrayList<>();
    private final Map<String, Long> counted = new TreeMap<>();
    private final Coverage coverage = new Coverage();
    private final long start = System.nanoTime();
    private long progressAt = start + PROGRESS_EVERY;
    private long begun;
    private long runs;
    private long steps;
    private long broken;
    private boolean isStopped;
    private Duration cpu = Duration.ZERO;

    /**
     * When the suite has done enough.
     *
     * @param counts of all worlds at least
     * @param runs at least, however long they take
     * @param longest no run begins after this time; zero = there is no limit
     * @param failures that end the suite
     */
    record Goal(WorldCounts counts, long runs, Duration longest, int failures) {
        /** Whether no further run begins. A slow machine does less; it does not fail. */
        boolean isReached(WorldCounts done, long begun, Duration elapsed) {
            boolean isLate = !longest.isZero() && elapsed.compareTo(longest) >= 0;
            return begun >= runs && (isLate || done.reaches(counts));
        }
    }

    /** A seed that breaks a rule, and its shortest history. */
    record Failed(long seed, String text) {}

    /**
     * A suite that begins with {@link #run}.
     *
     * @param seeds the seed of the n-th run, from 0
     */
    SimulationSuite(Goal goal, LongUnaryOperator seeds) {
        this.goal = goal;
        this.seeds = seeds;
    }

    /**
     * What all runs came to.
     *
     * @param counted everything that the oracle has counted
     * @param cpu the time of processors that the workers used
     */
    record Summary(
            Goal goal,
            long runs,
            long steps,
            Map<String, Long> counted,
            Coverage coverage,
            Duration elapsed,
            Duration cpu,
            List<Failed> failures) {
        WorldCounts counts() {
            return WorldCounts.of(counted, coverage);
        }

        /** Everything for people: the totals and the table of coverage. */
        String text() {
            var text = new StringBuilder(
                    "%s in %d worlds, %d steps, %d s".formatted(counts(), runs, steps, elapsed.toSeconds()));
            text.append(": %.0f Tasks and %.0f items a second"
                    .formatted(aSecond(counts().tasks(), elapsed), aSecond(counts().items(), elapsed)));
            text.append(", %.0f and %.0f in each second of a processor%n"
                    .formatted(aSecond(counts().tasks(), cpu), aSecond(counts().items(), cpu)));
            if (!counts().reaches(goal.counts)) {
                text.append("The run ended before it had reached ")
                        .append(goal.counts)
                        .append('\n');
            }
            text.append(counted).append('\n').append(coverage.table());
            text.append(coverage.neverHappened().size())
                    .append(" faults that can happen at a point or a time never did\n");
            return text.toString();
        }

        private static double aSecond(long count, Duration time) {
            return 1000.0 * count / Math.max(1, time.toMillis());
        }
    }

    /** Returns when every process has ended its last run. */
    Summary run(int processes) {
        try (var threads = Executors.newFixedThreadPool(processes)) {
            Callable<Boolean> work = this::work;
            List<Future<Boolean>> all =
                    Stream.generate(() -> threads.submit(work)).limit(processes).toList();
            for (Future<Boolean> each : all) {
                each.get();
            }
        } catch (InterruptedException | ExecutionException failed) {
            throw new IllegalStateException("the simulation failed", failed);
        }
        return new Summary(goal, runs, steps, counted, coverage, elapsed(), cpu, failures);
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private boolean work() {
        try (var worker = new WorkerProcess()) {
            for (OptionalLong seed = nextSeed(); seed.isPresent(); seed = nextSeed()) {
                WorldReport report = worker.run(seed.getAsLong());
                take(report);
                if (!report.broken().isEmpty()) {
                    failed(new Failed(report.seed(), worker.failure(report.seed())));
                }
            }
            used(worker.cpu());
        } catch (RuntimeException failed) {
            stop();
            throw failed;
        }
        return true;
    }

    /** A worker has failed, so the others need not go on. */
    private synchronized void stop() {
        isStopped = true;
    }

    /** Empty if this was enough. */
    private synchronized OptionalLong nextSeed() {
        boolean isReached = goal.isReached(WorldCounts.of(counted, coverage), begun, elapsed());
        return isStopped || isReached || broken >= goal.failures()
                ? OptionalLong.empty()
                : OptionalLong.of(seeds.applyAsLong(begun++));
    }

    private synchronized void take(WorldReport report) {
        runs++;
        steps += report.steps();
        report.counts().forEach((name, count) -> counted.merge(name, count, Long::sum));
        coverage.add(Coverage.of(report.coverage()));
        if (!report.broken().isEmpty()) {
            broken++;
            System.out.println("seed " + report.seed() + " breaks " + report.broken());
        }
        long now = System.nanoTime();
        if (now >= progressAt) {
            progressAt = now + PROGRESS_EVERY;
            System.out.printf(
                    "after %d s: %s in %d worlds%n", elapsed().toSeconds(), WorldCounts.of(counted, coverage), runs);
        }
    }

    private synchronized void failed(Failed failure) {
        failures.add(failure);
        System.out.println(failure.text());
    }

    private synchronized void used(Duration time) {
        cpu = cpu.plus(time);
    }
}
