package dev.taskqueue.operator;

import dev.taskqueue.operator.ops.HttpEndpoint;
import dev.taskqueue.operator.ops.HttpEndpoint.Check;
import dev.taskqueue.operator.ops.Meters;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The conditions that {@code /livez} and {@code /readyz} answer from. */
final class HealthChecks {
    static final String TARGETS = "Services and EndpointSlices";
    static final String QUEUES = "TaskQueues";
    static final String TASKS = "Tasks";

    /** After this long without a tick the alarm counts as dead: nothing would be woken any more. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(1);

    private final ServedNamespaces namespaces;
    private final Supplier<List<String>> otherComplaints;
    private volatile long tickedAt = System.nanoTime();
    private volatile String waitsFor = "";

    /** @param complaints further lines for the answer of {@code /readyz} */
    HealthChecks(ServedNamespaces namespaces, Supplier<List<String>> complaints) {
        this.namespaces = namespaces;
        this.otherComplaints = complaints;
    }

    /** The process lives: the alarm has called, or the start waits for the API server. */
    void tick() {
        tickedAt = System.nanoTime();
    }

    /** The start waits for this, or no longer waits if it is empty. The process lives. */
    void waitsFor(String problem) {
        waitsFor = problem;
        tick();
    }

    private List<String> complaints() {
        String problem = waitsFor;
        return problem.isEmpty()
                ? Stream.concat(namespaces.complaints().stream(), otherComplaints.get().stream())
                        .toList()
                : List.of(problem);
    }

    /** Opens the HTTP port and answers from now on. */
    HttpEndpoint endpoint(int port, Meters meters) throws IOException {
        return new HttpEndpoint(
                port,
                List.of(new Check("alarm", () -> System.nanoTime() - tickedAt < LONGEST_SILENCE.toNanos())),
                List.of(
                        new Check(QUEUES, () -> namespaces.isSynced(QUEUES)),
                        new Check(TARGETS, () -> namespaces.isSynced(TARGETS)),
                        new Check(TASKS, () -> namespaces.isSynced(TASKS)),
                        new Check("a namespace that may be served", namespaces::isAnyServed)),
                this::complaints,
                meters);
    }
}
