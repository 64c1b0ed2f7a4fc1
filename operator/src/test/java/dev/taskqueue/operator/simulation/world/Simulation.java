package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.oracle.Fact;
import dev.taskqueue.operator.oracle.Oracle;
import dev.taskqueue.operator.oracle.OracleSettings;
import dev.taskqueue.operator.oracle.Violation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs one plan, lets the oracle judge it, and says what happened. */
final class Simulation {
    private static final Duration GRACE = Duration.ofSeconds(30);
    /** The longest way of a request to a worker: connect, latency, and a thread that waits its turn. */
    private static final Duration WIRE = Duration.ofMillis(200);

    /** No fault makes a request to a worker late. A thread that goes on after a freeze may wait its turn for a little longer. */
    private static final Duration SLOW_WIRE = Duration.ofMillis(500);

    private static final int DELAYS = 4;
    /** And many times until a Task that is due leaves, most of all in a crowd. */
    private static final int DELAYS_UNTIL_SENT = 20;

    private Simulation() {}

    /**
     * What came of a run.
     *
     * @param violations of the contract, and what no run may do: uncaught exceptions, and hand-overs that cannot be repeated
     * @param stories of the Tasks that the violations name
     * @param counts of Tasks, requests, faults and so on
     * @param fingerprint the same for two runs with the same history
     * @param steps hand-overs between threads, and events
     * @param coverage the points that were passed, and the faults there
     */
    record Result(
            Plan plan,
            List<Violation> violations,
            Map<String, String> stories,
            Map<String, Long> counts,
            long fingerprint,
            long steps,
            Coverage coverage) {
        boolean isGood() {
            return violations.isEmpty();
        }
    }

    static Result run(Plan plan) {
        OracleSettings settings = settings(plan);
        var oracle = new Oracle(plan.settings().operators() == 1 ? settings.withLeaseName("") : settings);
        var fingerprint = new Fingerprint();
        var world = new World(plan, fact -> {
            fingerprint.add(fact);
            oracle.observe(fact);
        });
        var violations = new ArrayList<Violation>();
        world.run();
        violations.addAll(oracle.end(world.end()));
        for (Throwable failure : world.uncaught()) {
            violations.add(new Violation(world.end(), "Uncaught", "", stackTrace(failure)));
        }
        for (String error : world.errors()) {
            violations.add(new Violation(world.end(), "LoggedError", "", error));
        }
        if (world.scheduler().spins()) {
            violations.add(new Violation(world.end(), "Spins", "", "threads go on and on while no time passes"));
        }
        if (world.scheduler().foreignSteps() > 0) {
            violations.add(new Violation(
                    world.end(),
                    "NotRepeatable",
                    "",
                    world.scheduler().foreignSteps()
                            + " hand-overs came from outside: a thread waited while it held a monitor"));
        }
        var stories = new LinkedHashMap<String, String>();
        for (Violation violation : violations) {
            if (!violation.subject().isEmpty() && stories.size() < 20) {
                stories.computeIfAbsent(violation.subject(), oracle::story);
            }
        }
        return new Result(
                plan,
                violations,
                stories,
                oracle.counts(),
                fingerprint.value,
                world.scheduler().steps(),
                Coverage.of(world));
    }

    /** A thread waits its turn several times between a decision and the wire. */
    private static OracleSettings settings(Plan plan) {
        Duration delays = plan.settings().longestDelay().multipliedBy(DELAYS);
        OracleSettings settings = OracleSettings.simulation(
                plan.settings().leaseDuration(), GRACE, WIRE.plus(delays), SLOW_WIRE.plus(delays));
        return settings.withPrompt(settings.prompt().plus(delays.multipliedBy(DELAYS_UNTIL_SENT)));
    }

    private static String stackTrace(Throwable failure) {
        var text = new java.io.StringWriter();
        failure.printStackTrace(new java.io.PrintWriter(text));
        return text.toString();
    }

    /** A hash of the history: who did what, and when. */
    private static final class Fingerprint {
        private long value = 1;

        void add(Fact fact) {
            Instant at = fact.at();
            value = (value * 31 + at.getEpochSecond()) * 31 + at.getNano();
            value = value * 31
                    + switch (fact) {
                        case Fact.Stored stored ->
                            stored.object()
                                    .path("metadata")
                                    .path("resourceVersion")
                                    .asText()
                                    .hashCode();
                        case Fact.Received received -> received.headers().hashCode();
                        default -> fact.getClass().getSimpleName().hashCode();
                    };
        }
    }
}
