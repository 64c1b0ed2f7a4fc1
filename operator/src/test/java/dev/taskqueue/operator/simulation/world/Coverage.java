package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.simulation.world.Step.Point;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How often each point was passed, and how often each fault has happened there, over any number of runs. */
final class Coverage {
    /** Each fault falls on a pair of a kind and a point by chance. After so many, a pair that is missing cannot happen at all. */
    static final long MANY_FAULTS = 40_000;

    private static final String PASSED = "passed";
    private static final String AT_A_TIME = "at a time";

    private final Map<Point, Long> passed = new LinkedHashMap<>();
    private final Map<Point, Map<Fault.Kind, Long>> hits = new LinkedHashMap<>();
    private final Map<Fault.Kind, Long> byTime = new EnumMap<>(Fault.Kind.class);

    static Coverage of(World world) {
        var coverage = new Coverage();
        for (Point point : Step.points()) {
            coverage.passed.put(point, (long) world.faults().passed(point));
            var here = new EnumMap<Fault.Kind, Long>(Fault.Kind.class);
            world.faults().hits(point).forEach((kind, count) -> here.put(kind, (long) count));
            coverage.hits.put(point, here);
        }
        world.worldFaults().counts().forEach((kind, count) -> coverage.byTime.put(kind, (long) count));
        return coverage;
    }

    /** All counts by the names of points and of kinds, as another process gets them. */
    Map<String, Map<String, Long>> counts() {
        var all = new LinkedHashMap<String, Map<String, Long>>();
        passed.forEach((point, count) -> {
            Map<String, Long> here = byName(hits.getOrDefault(point, Map.of()));
            here.put(PASSED, count);
            all.put(point.toString(), here);
        });
        all.put(AT_A_TIME, byName(byTime));
        return all;
    }

    private static Map<String, Long> byName(Map<Fault.Kind, Long> kinds) {
        var names = new LinkedHashMap<String, Long>();
        kinds.forEach((kind, count) -> names.put(kind.name(), count));
        return names;
    }

    /** The coverage that has these {@link #counts}. */
    static Coverage of(Map<String, Map<String, Long>> counts) {
        var coverage = new Coverage();
        for (Point point : Step.points()) {
            Map<String, Long> here = counts.getOrDefault(point.toString(), Map.of());
            coverage.passed.put(point, here.getOrDefault(PASSED, 0L));
            coverage.hits.put(point, byKind(here));
        }
        coverage.byTime.putAll(byKind(counts.getOrDefault(AT_A_TIME, Map.of())));
        return coverage;
    }

    private static Map<Fault.Kind, Long> byKind(Map<String, Long> names) {
        var kinds = new EnumMap<Fault.Kind, Long>(Fault.Kind.class);
        names.forEach((name, count) -> {
            if (!name.equals(PASSED)) {
                kinds.put(Fault.Kind.valueOf(name), count);
            }
        });
        return kinds;
    }

    void add(Coverage other) {
        other.passed.forEach((point, count) -> passed.merge(point, count, Long::sum));
        other.hits.forEach((point, kinds) -> {
            Map<Fault.Kind, Long> here = hits.computeIfAbsent(point, none -> new EnumMap<>(Fault.Kind.class));
            kinds.forEach((kind, count) -> here.merge(kind, count, Long::sum));
        });
        other.byTime.forEach((kind, count) -> byTime.merge(kind, count, Long::sum));
    }

    /** The number of faults that have happened. */
    long faults() {
        return hits.values().stream()
                        .flatMap(kinds -> kinds.values().stream())
                        .mapToLong(count -> count)
                        .sum()
                + byTime.values().stream().mapToLong(count -> count).sum();
    }

    /** What never happened and must have: after {@link #MANY_FAULTS} faults every fault at every point where it can happen, before that only each point. */
    List<String> missing() {
        List<String> missing = neverPassed();
        if (faults() >= MANY_FAULTS) {
            missing.addAll(neverHappened());
        }
        return missing;
    }

    private List<String> neverPassed() {
        var missing = new ArrayList<String>();
        for (Point point : Step.points()) {
            if (passed.getOrDefault(point, 0L) == 0) {
                missing.add(point + " was never passed");
            }
        }
        return missing;
    }

    /** The faults that can happen at a point or at a time, and never did. */
    List<String> neverHappened() {
        var missing = new ArrayList<String>();
        for (Point point : Step.points()) {
            for (Fault.Kind kind : Fault.possibleAt(point)) {
                if (hits.getOrDefault(point, Map.of()).getOrDefault(kind, 0L) == 0) {
                    missing.add(kind + " never happened at " + point);
                }
            }
        }
        for (Fault.Kind kind : Fault.Kind.values()) {
            boolean isTimed = kind.target == Fault.Target.World || kind == Fault.Kind.SetClock;
            if (isTimed && kind != Fault.Kind.RestoreBackup && byTime.getOrDefault(kind, 0L) == 0) {
                missing.add(kind + " never happened");
            }
        }
        return missing;
    }

    /** A line for each point: how often it was passed, and each kind of fault with its count. */
    String table() {
        var text = new StringBuilder();
        for (Point point : Step.points()) {
            text.append("%-32s %9d ".formatted(point, passed.getOrDefault(point, 0L)));
            hits.getOrDefault(point, Map.of())
                    .forEach((kind, count) ->
                            text.append(' ').append(kind).append(' ').append(count));
            text.append('\n');
        }
        text.append("%-32s %9s ".formatted(AT_A_TIME, ""));
        byTime.forEach(
                (kind, count) -> text.append(' ').append(kind).append(' ').append(count));
        return text.append('\n').toString();
    }
}
