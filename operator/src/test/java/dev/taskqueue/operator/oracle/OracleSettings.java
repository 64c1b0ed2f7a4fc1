package dev.taskqueue.operator.oracle;

import java.time.Duration;

/**
 * What the oracle has to know about a run. The contract speaks of decisions; the facts show what came of them later, so each kind of way has a longest time.
 *
 * @param leaseName the name of the operators' Lease; empty if they run without leader election
 * @param lease how long a Lease holds after a renewal
 * @param grace how long a process may finish after SIGTERM
 * @param wire the longest time from the decision to send to the end of the reception, without a fault
 * @param slowWire the same while a fault lasts
 * @param write the longest time from the decision to write to the stored write, without a fault
 * @param slowWrite the same while a fault lasts, repetitions included
 * @param notice how soon an operator without a fault knows what others have stored
 * @param quiet how long after the last fault everything must have recovered
 * @param late how much later than its time a fact may be observed, because several logs are merged
 * @param clock by how much two clocks may be read differently although nobody set them
 * @param drift how much faster one clock may run than another, such as 0.001
 * @param burst how many requests more than the rate allows are no violation, because they were held up on their way
 * @param lateness how much a fault in one namespace may add to the lateness of another, besides the factor 1.5
 * @param prompt how soon a due attempt leaves if nothing hinders it
 * @param goneTasks how many deleted Tasks are remembered, to notice a late request
 */
public record OracleSettings(
        String leaseName,
        Duration lease,
        Duration grace,
        Duration wire,
        Duration slowWire,
        Duration write,
        Duration slowWrite,
        Duration notice,
        Duration quiet,
        Duration late,
        Duration clock,
        double drift,
        double burst,
        Duration lateness,
        Duration prompt,
        int goneTasks) {
    /** The longest time that the last facts of a Task are kept for its story, in facts. */
    static final int STORY_LENGTH = 48;

    /** Of a simulated world: the times of facts are exact, and only its network makes anything late. */
    public static OracleSettings simulation(Duration lease, Duration grace, Duration wire, Duration slowWire) {
        return new OracleSettings(
                "taskqueue-operator",
                lease,
                grace,
                wire,
                slowWire,
                Duration.ofSeconds(5),
                Duration.ofMinutes(2),
                Duration.ofSeconds(3),
                Duration.ofMinutes(2),
                Duration.ZERO,
                Duration.ZERO,
                0.001,
                0.5,
                Duration.ofMillis(500),
                Duration.ofSeconds(10),
                100_000);
    }

    /** Of real processes on one machine that is not free: logs have times of their own, and threads wait for a core. */
    public static OracleSettings realProcesses(Duration lease, Duration grace) {
        return new OracleSettings(
                "taskqueue-operator",
                lease,
                grace,
                Duration.ofMillis(500),
                lease.dividedBy(3).plusMillis(500),
                Duration.ofSeconds(10),
                Duration.ofMinutes(2),
                Duration.ofSeconds(5),
                Duration.ofMinutes(2),
                Duration.ofMillis(500),
                Duration.ofMillis(20),
                0.005,
                3,
                // How fast a machine is that is not free breaks no rule.
                Duration.ofMinutes(10),
                Duration.ofMinutes(10),
                200_000);
    }

    public OracleSettings withLeaseName(String name) {
        return new OracleSettings(
                name, lease, grace, wire, slowWire, write, slowWrite, notice, quiet, late, clock, drift, burst,
                lateness, prompt, goneTasks);
    }

    public OracleSettings withLate(Duration time) {
        return new OracleSettings(
                leaseName, lease, grace, wire, slowWire, write, slowWrite, notice, quiet, time, clock, drift, burst,
                lateness, prompt, goneTasks);
    }

    public OracleSettings withPrompt(Duration time) {
        return new OracleSettings(
                leaseName, lease, grace, wire, slowWire, write, slowWrite, notice, quiet, late, clock, drift, burst,
                lateness, time, goneTasks);
    }

    public OracleSettings withQuiet(Duration time) {
        return new OracleSettings(
                leaseName, lease, grace, wire, slowWire, write, slowWrite, notice, time, late, clock, drift, burst,
                lateness, prompt, goneTasks);
    }
}
