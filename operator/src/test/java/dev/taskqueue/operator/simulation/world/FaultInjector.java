package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.simulation.world.Step.Point;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Follows the points that processes pass, and lets the planned faults happen there. It counts both, for the table of coverage. */
final class FaultInjector {
    /** By the numbers of the points. */
    private final @Nullable Passings[] passings = new Passings[Step.NUMBERS];

    private final ProcessFaults processes;
    private boolean over;

    /** Does what a fault does to a process. */
    interface ProcessFaults {
        /** The process crashes, freezes or ends. It may be the one whose thread calls this. */
        void strike(SimulatedProcess process, Fault fault);
    }

    /** A fault that has happened to a request, a delivery or a watch. */
    record Hit(Fault.Kind kind, Duration length) {}

    private static final class Passings {
        final Queue<Fault> planned = new ArrayDeque<>();
        final Map<Fault.Kind, Integer> hits = new EnumMap<>(Fault.Kind.class);
        int count;
    }

    FaultInjector(List<Fault> plan, ProcessFaults processes) {
        this.processes = processes;
        Step.points().forEach(point -> passings[point.number()] = new Passings());
        var sorted = new ArrayList<>(plan);
        sorted.sort(Comparator.comparingInt(FaultInjector::passing));
        for (Fault fault : sorted) {
            if (fault.trigger() instanceof Fault.Trigger.Passing passing) {
                at(passing.point()).planned.add(fault);
            }
        }
    }

    /** No more faults happen from now on. */
    void end() {
        over = true;
    }

    /**
     * A process passes a point. A fault of the process happens at once; one of its request is returned, and the caller does it.
     *
     * @return null if nothing happens to the request
     */
    @Nullable Hit pass(SimulatedProcess process, Point point) {
        Passings here = at(point);
        here.count++;
        Hit hit = null;
        while (!over && !here.planned.isEmpty() && passing(here.planned.peek()) <= here.count) {
            Fault fault = here.planned.remove();
            here.hits.merge(fault.kind(), 1, Integer::sum);
            if (fault.kind().target != Fault.Target.Process) {
                hit = new Hit(fault.kind(), fault.length());
            } else if (process.isRunning()) {
                process.afterHandOvers(handOvers(fault), () -> processes.strike(process, fault));
            }
        }
        return hit;
    }

    private static int passing(Fault fault) {
        return fault.trigger() instanceof Fault.Trigger.Passing passing ? passing.passing() : 0;
    }

    private static int handOvers(Fault fault) {
        return fault.trigger() instanceof Fault.Trigger.Passing passing ? passing.handOvers() : 0;
    }

    private Passings at(Point point) {
        return Objects.requireNonNull(passings[point.number()]);
    }

    /** How often each point was passed. */
    int passed(Point point) {
        return at(point).count;
    }

    /** How often each kind of fault has happened at a point. */
    Map<Fault.Kind, Integer> hits(Point point) {
        return Map.copyOf(at(point).hits);
    }
}
