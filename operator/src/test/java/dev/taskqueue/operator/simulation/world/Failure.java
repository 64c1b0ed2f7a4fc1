package dev.taskqueue.operator.simulation.world;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run that broke a rule.
 *
 * @param shortest the result of the shortest plan that breaks the same rule
 */
record Failure(Simulation.Result result, Simulation.Result shortest) {
    /** How many steps the search for a shorter plan may take, about. */
    private static final long SHRINKING_STEPS = 10_000_000;

    private static final long MOST_RUNS = 300;
    private static final int SHOWN = 5;
    /** The seed has all of them; nobody reads more. */
    private static final int MOST_ACTIONS = 300;

    private static final int LONGEST_ACTION = 500;

    /** Leaves out of the plan what is not needed to break the same rule. */
    static Failure shortened(Simulation.Result failed) {
        String rule = failed.violations().getFirst().rule();
        int runs = (int) Math.min(MOST_RUNS, SHRINKING_STEPS / Math.max(1, failed.steps()));
        Plan shortest = Shrinker.shrink(failed.plan(), plan -> breaks(plan, rule) != null, runs);
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

    /** The text on one line, for {@link String#translateEscapes}. */
    String line() {
        return text().replace("\\", "\\\\").replace("\n", "\\n");
    }

    /** The shortest history, what is wrong with it, and the stories of its Tasks. */
    String text() {
        var text = new StringBuilder();
        text.append("seed ").append(result.plan().seed()).append(" breaks ");
        text.append(WorldReport.of(result).broken()).append("\nIts shortest history for ");
        text.append(result.violations().getFirst().rule()).append(":\n");
        text.append(shortest.plan().settings()).append('\n');
        shortest.plan()
                .faults()
                .forEach(fault -> text.append("  fault  ").append(fault).append('\n'));
        List<PersonAction> actions = shortest.plan().actions().stream()
                .filter(action -> !action.time().isZero())
                .toList();
        actions.stream()
                .limit(MOST_ACTIONS)
                .forEach(action ->
                        text.append("  person ").append(cut(action.toString())).append('\n'));
        if (actions.size() > MOST_ACTIONS) {
            text.append("  and ").append(actions.size() - MOST_ACTIONS).append(" more\n");
        }
        shortest.violations().stream()
                .limit(SHOWN)
                .forEach(violation -> text.append(violation).append('\n'));
        shortest.stories().values().stream()
                .limit(SHOWN)
                .forEach(story -> text.append(story).append('\n'));
        return text.toString();
    }

    private static String cut(String action) {
        return action.length() > LONGEST_ACTION ? action.substring(0, LONGEST_ACTION) + "..." : action;
    }
}
