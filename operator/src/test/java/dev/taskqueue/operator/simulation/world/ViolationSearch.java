package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.oracle.Violation;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Looks for a broken rule, for {@code mvn -Pplanted verify}. The arguments are seeds, of which the first one that breaks a rule is printed as {@code FOUND}; or
 * {@code first N}, then each of the first N seeds from {@link Deck#SEARCHED} with small worlds that breaks none is printed as {@code CLEAN}, and after them
 * each of the first N / 2 with worlds of the usual size. A large one takes as long as many of those.
 */
final class ViolationSearch {
    private ViolationSearch() {}

    public static void main(String[] arguments) {
        SimulationLog.install();
        if (arguments[0].equals("first")) {
            int worlds = Integer.parseInt(arguments[1]);
            LongStream.concat(first(Deck.Size.SMALL, worlds), first(Deck.Size.USUAL, worlds / 2))
                    .forEach(seed -> {
                        if (isGood(seed)) {
                            System.out.println("CLEAN " + seed);
                        }
                    });
        } else {
            boolean clean = Arrays.stream(arguments).mapToLong(Long::parseLong).allMatch(ViolationSearch::isGood);
            System.out.println(clean ? "All seeds are clean" : "The last seed is not clean");
        }
        System.exit(0);
    }

    private static LongStream first(Deck.Size size, int worlds) {
        return LongStream.iterate(Deck.SEARCHED, seed -> seed + 1)
                .filter(seed -> Deck.Size.of(seed).equals(size))
                .limit(worlds);
    }

    private static boolean isGood(long seed) {
        Simulation.Result result = Simulation.run(Deck.plan(seed));
        if (!result.isGood()) {
            String rules = result.violations().stream()
                    .map(Violation::rule)
                    .distinct()
                    .limit(3)
                    .collect(Collectors.joining(", "));
            System.out.println("FOUND " + rules + ", seed " + seed);
            result.violations().stream().limit(20).forEach(System.out::println);
            result.stories().values().stream().limit(3).forEach(System.out::println);
        }
        return result.isGood();
    }
}
