package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.oracle.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs one world after another, each from its own seed, on this thread: two in one JVM would wait for each other's locks of the JDK, and a run could not be
 * repeated. It stops when the goal is reached, or after some runs that broke a rule; of those it looks for a shorter plan.
 */
final class SimulationSuite {
    private static final int FAILURES_AT_MOST = 3;
    private static final int SHRINKING_RUNS = 150;

    private final Goal goal;
    private final LongUnaryOperator seeds;
    private final LongFunction<Plan> plans;
    private final List<Simulation.Result> failures = new ArrayList<>();
    private final Map<String, Long> counts = new TreeMap<>();
    private final Coverage coverage = new Coverage();
    private long runs;
    private long steps;

    /**
     * When the suite has done enough: after so many Tasks and so many runs.
     *
     * @param tasks that were created at least
     * @param runs at least
     */
    record Goal(long tasks, long runs) {
        static Goal tasks(long tasks) {
            return new Goal(tasks, 0);
        }

        static Goal runs(long runs) {
            return new Goal(0, runs);
        }
    }

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

        /** Everything for people: the totals, the table of coverage, and each failure. */
        String text() {
            var text = new StringBuilder("%d Tasks and %d faults in %d worlds, %d steps, %.0f Tasks a second%n%s%n"
                    .formatted(
                            tasks(), coverage.faults(), runs, steps, tasks() / (elapsed.toMillis() / 1000.0), counts));
            text.append(coverage.table())
                    .append(coverage.missing().size())
                    .append(" faults that can happen at a point or a time never did\n");
            failures.forEach(failure -> text.append(failure.text()));
            return text.toString();
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
            text.append(rules)
                    .append("\nIts shortest history for ")
                    .append(first.rule())
                    .append(":\n");
            text.append(shortest.plan().settings()).append('\n');
            shortest.plan()
                    .faults()
                    .forEach(fault -> text.append("  fault  ").append(fault).append('\n'));
            shortest.plan().actions().stream()
                    .filter(action -> !action.time().isZero())
                    .forEach(action -> text.append("  person ").append(action).append('\n'));
            shortest.violations().stream()
                    .limit(5)
                    .forEach(violation -> text.append(violation).append('\n'));
            shortest.stories().values().stream()
                    .limit(5)
                    .forEach(story -> text.append(story).append('\n'));
            return text.toString();
        }
    }

    Summary run() {
        long start = System.nanoTime();
        while (failures.size() < FAILURES_AT_MOST && !isDone()) {
            take(Simulation.run(plans.apply(seeds.applyAsLong(runs))));
        }
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        List<Failure> shortened =
                failures.stream().map(SimulationSuite::shorten).toList();
        return new Summary(runs, steps, counts, coverage, elapsed, shortened);
    }

    private boolean isDone() {
        return counts.getOrDefault("tasks", 0L) >= goal.tasks() && runs >= goal.runs();
    }

    private void take(Simulation.Result result) {
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
        return result.violations().stream()
                        .anyMatch(violation -> violation.rule().equals(rule))
                ? result
                : null;
    }
}
