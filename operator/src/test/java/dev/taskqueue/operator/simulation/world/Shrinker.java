package dev.taskqueue.operator.simulation.world;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** Makes a failing plan shorter: it leaves out faults and actions, first many at once, as long as the same rule is still broken. */
final class Shrinker {
    private final Predicate<Plan> stillFails;
    private int runs;

    private Shrinker(Predicate<Plan> stillFails, int runs) {
        this.stillFails = stillFails;
        this.runs = runs;
    }

    /**
     * The shortest plan that was found.
     *
     * @param runs how many runs this may take at most
     */
    static Plan shrink(Plan plan, Predicate<Plan> stillFails, int runs) {
        var shrinker = new Shrinker(stillFails, runs);
        Plan shorter = plan;
        int length;
        do {
            length = length(shorter);
            Plan base = shorter;
            List<Fault> faults = shrinker.without(base.faults(), left -> base.with(base.actions(), left));
            List<PersonAction> actions = shrinker.without(base.actions(), left -> base.with(left, faults));
            shorter = base.with(actions, faults);
        } while (length(shorter) < length && shrinker.runs > 0);
        return shorter;
    }

    private static int length(Plan plan) {
        return plan.actions().size() + plan.faults().size();
    }

    private <T> List<T> without(List<T> all, Function<List<T>, Plan> plan) {
        List<T> kept = all;
        for (int piece = Math.max(1, all.size() / 2); piece > 0; piece /= 2) {
            for (int from = 0; from < kept.size() && runs > 0; ) {
                var left = new ArrayList<>(kept.subList(0, from));
                left.addAll(kept.subList(Math.min(kept.size(), from + piece), kept.size()));
                runs--;
                if (stillFails.test(plan.apply(left))) {
                    kept = left;
                } else {
                    from += piece;
                }
            }
        }
        return kept;
    }
}
