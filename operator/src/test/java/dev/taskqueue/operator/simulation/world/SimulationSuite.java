package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.oracle.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs one world after another, each from its own seed, on as many threads as there are cores. It stops when the goal is reached, or after the first runs
 * that broke a rule; of those it looks for a shorter plan.
 */
final class SimulationSuite {
    private static final int FAILURES_AT_MOST = 3;
    private static final int SHRINKING_RUNS = 150;

    private final Goal goal;
    private final LongUnaryOperator seeds;
    private final LongFunction<Plan> plans;
    private final AtomicLong begun = new AtomicLong();
    private final List<Simulation.Result> failures = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Long> counts = new TreeMap<>();
    private final Coverage coverage = new Coverage();
    private long runs;
    private long steps;

    /**
     * When the suite has done enough.
     *
     * @param tasks that were created at least
     * @param faults that have happened at least
     * @param threads how many worlds run at a time
     */
    record Goal(long tasks, long faults, int threads) {}

    /**
     * A suite that begins with {@link #run}.
     *
     * @param seeds the seed of the n-th run, from 0
     * @param plans the plan of a seed
     */
    SimulationSuite(Goal goal, LongUnaryOperator seeds, LongFunction<Plan> plans) {
        this.goal = goal;
        this.seeds = seeds;
        this.plans = plans;
    }

    /** What all runs came to. */
    record Summary(
            long runs,
            long steps,
            Map<String, Long> counts,
            Coverage coverage,
            Duration elapsed,
            List<Failure> failures) {
        long tasks() {
            return counts.getOrDefault("tasks", 0L);
        }
    }

    /**
     * A run that broke a rule.
     *
     * @param shortest the result of the shortest plan that breaks the same rule
     */
    record Failure(Simulation.Result result, Simulation.Result shortest) {
        String text() {
            var text = new StringBuilder();
            Violation first = result.violations().getFirst();
            text.append("seed ").append(result.plan().seed()).append(" breaks ");
            var rules = new TreeMap<String, Integer>();
            result.violations().forEach(violation -> rules.merge(violation.rule(), 1, Integer::sum));
            text.append(rules).append("\nIts shortest history for ").append(first.rule()).append(":\n");
            text.append(shortest.plan().settings()).append('\n');
            shortest.plan().faults().forEach(fault -> text.append("  fault  ").append(fault).append('\n'));
            shortest.plan().actions().stream()
                    .filter(action -> !action.time().isZero())
                    .forEach(action -> text.append("  person ").append(action).append('\n'));
            shortest.violations().stream().limit(5).forEach(violation -> text.append(violation).append('\n'));
            shortest.stories().values().stream().limit(5).forEach(story -> text.append(story).append('\n'));
            return text.toString();
        }
    }

    Summary run() {
        long start = System.nanoTime();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < goal.threads(); i++) {
            threads.add(Thread.ofPlatform().name("world-" + i).start(this::runWorlds));
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException interrupt) {
                throw new IllegalStateException(interrupt);
            }
        }
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        List<Failure> shortened =
                failures.stream().limit(FAILURES_AT_MOST).map(SimulationSuite::shorten).toList();
        return new Summary(runs, steps, counts, coverage, elapsed, shortened);
    }

    private void runWorlds() {
        while (!isDone()) {
            Plan plan = plans.apply(seeds.applyAsLong(begun.getAndIncrement()));
            Simulation.Result result = Simulation.run(plan);
            take(result);
        }
    }

    private synchronized boolean isDone() {
        return failures.size() >= FAILURES_AT_MOST
                || (counts.getOrDefault("tasks", 0L) >= goal.tasks() && coverage.faults() >= goal.faults());
    }

    private synchronized void take(Simulation.Result result) {
        runs++;
        steps += result.steps();
        result.counts().forEach((name, count) -> counts.merge(name, count, Long::sum));
        coverage.add(result.coverage());
        if (!result.isGood()) {
            failures.add(result);
        }
    }

    /** Leaves out what is not needed to break the same rule. */
    static Failure shorten(Simulation.Result failed) {
        String rule = failed.violations().getFirst().rule();
        Plan shortest = Shrinker.shrink(failed.plan(), plan -> breaks(plan, rule) != null, SHRINKING_RUNS);
        Simulation.Result again = breaks(shortest, rule);
        return new Failure(failed, again == null ? failed : again);
    }

    private static Simulation.@Nullable Result breaks(Plan plan, String rule) {
        Simulation.Result result = Simulation.run(plan);
        return result.violations().stream().anyMatch(violation -> violation.rule().equals(rule)) ? result : null;
    }
}
