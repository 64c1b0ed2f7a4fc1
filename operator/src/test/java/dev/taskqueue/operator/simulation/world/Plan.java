package dev.taskqueue.operator.simulation.world;

import java.time.Duration;
import java.util.List;
import java.util.SortedSet;

/**
 * Everything that a run follows from. The same plan makes the same history, to the last hand-over between two threads. A plan with fewer actions and
 * faults is a plan, too, so a failing one can be made shorter.
 *
 * @param seed for the orders, latencies and clocks of the run
 * @param settings of the cluster and its operators
 * @param actions what people do, by time
 * @param faults what goes wrong
 */
record Plan(long seed, Settings settings, List<PersonAction> actions, List<Fault> faults) {
    /**
     * The cluster and its operators.
     *
     * @param operators 1 or 2; two elect a leader
     * @param delayedHandOvers of 100 hand-overs to a thread, how many are delayed
     * @param longestDelay how long such a thread waits at most
     * @param drift how much faster the clocks of the operators' machines go, at most, in parts per million
     * @param namespaces that the operators are told to watch; empty = all. In order: each JVM has an order of its own for other sets
     * @param distance how much longer than usual each request to the API server is on its way, in one direction
     * @param busy for how long people act and faults happen; after that, the run goes on until all is quiet
     */
    record Settings(
            int operators,
            Duration leaseDuration,
            int delayedHandOvers,
            Duration longestDelay,
            int drift,
            SortedSet<String> namespaces,
            Duration distance,
            Duration busy) {
        Settings withLease(Duration duration) {
            return new Settings(operators, duration, delayedHandOvers, longestDelay, drift, namespaces, distance, busy);
        }

        Settings withDelays(int ofHundred, Duration longest) {
            return new Settings(operators, leaseDuration, ofHundred, longest, drift, namespaces, distance, busy);
        }

        Settings withDistance(Duration longer) {
            return new Settings(
                    operators, leaseDuration, delayedHandOvers, longestDelay, drift, namespaces, longer, busy);
        }
    }

    Plan with(Settings otherSettings) {
        return new Plan(seed, otherSettings, actions, faults);
    }

    /** The same plan with other actions and faults. */
    Plan with(List<PersonAction> otherActions, List<Fault> otherFaults) {
        return new Plan(seed, settings, otherActions, otherFaults);
    }
}
