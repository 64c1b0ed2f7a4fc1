package dev.taskqueue.operator;

import dev.taskqueue.operator.ops.HttpEndpoint;
import dev.taskqueue.operator.ops.HttpEndpoint.Check;
import dev.taskqueue.operator.ops.Meters;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The conditions that {@code /livez} and {@code /readyz} answer from. */
final class HealthChecks {
    static final String TARGETS = "Services and EndpointSlices";
    static final String QUEUES = "TaskQueues";
    static final String TASKS = "Tasks";
    static final String BATCHES = "TaskBatches";

    /** After this long without a tick the alarm counts as dead: nothing would be woken any more. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(1);

    private final ServedNamespaces namespaces;
    private final Supplier<List<String>> otherComplaints;
    private final LongSupplier nanos;
    private volatile long tickedAt;
    private volatile String waitsFor = "";

    /**
     * Healthy until it hears nothing for a while.
     *
     * @param complaints further lines for the answer of {@code /readyz}
     * @param nanos the monotonic clock
     */
    HealthChecks(ServedNamespaces namespaces, Supplier<List<String>> complaints, LongSupplier nanos) {
        this.namespaces = namespaces;
        this.otherComplaints = complaints;
        this.nanos = nanos;
        tick();
    }

    /** The process lives: the alarm has called, or the start waits for the API server. */
    void tick() {
        tickedAt = nanos.getAsLong();
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
                List.of(new Check("alarm", () -> nanos.getAsLong() - tickedAt < LONGEST_SILENCE.toNanos())),
                List.of(
                        new Check(QUEUES, () -> namespaces.isSynced(QUEUES)),
                        new Check(TARGETS, () -> namespaces.isSynced(TARGETS)),
                        new Check(TASKS, () -> namespaces.isSynced(TASKS)),
                        new Check(BATCHES, () -> namespaces.isSynced(BATCHES)),
                        new Check("a namespace that may be served", namespaces::isAnyServed)),
                this::complaints,
                meters);
    }
}
