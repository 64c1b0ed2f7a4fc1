package dev.taskqueue.operator.bench;

import java.time.Duration;
import java.util.function.DoubleSupplier;
import org.awaitility.Awaitility;

/** Measures the cost of many waiting Tasks: memory, CPU, requests, and the time until the operator is ready again after a restart. */
final class Pending {
    private static final Duration IDLE = Duration.ofSeconds(20);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final BenchCluster site;
    private final BenchReport figures;
    private final PendingTasks crowd;

    Pending(BenchCluster site, BenchReport figures, PendingTasks crowd) {
        this.site = site;
        this.figures = figures;
        this.crowd = crowd;
    }

    void measure() {
        int tasks = crowd.size();
        double empty;
        try (OperatorJvm operator = site.operator()) {
            empty = operator.liveHeap();
            crowd.gather();
        }
        // Both heaps are measured in an operator that has just started, so that neither contains pools and buffers of
        // earlier traffic.
        try (OperatorJvm operator = restarted()) {
            idle(operator);
            double heap = operator.liveHeap() - empty;
            figures.add(
                    "pending", "P10 heap per pending Task, KB, of " + tasks, "1.0 / 0.5", "%.2f", heap / tasks / 1024);
            figures.add("pending", "live heap without them, MB", "", "%.1f", empty / (1 << 20));
        }
    }

    private void idle(OperatorJvm operator) {
        TaskRequests requestsBefore = site.requests();
        DoubleSupplier cpu = CpuTime.since(operator::cpu);
        DoubleSupplier seconds = CpuTime.stopwatch();
        Awaitility.await().pollDelay(IDLE).atMost(IDLE.multipliedBy(2)).until(() -> true);
        double took = seconds.getAsDouble();
        figures.add(
                "pending",
                "P13 idle with them, CPU of one core",
                "1 % / 0.3 %",
                "%.2f %%",
                100 * cpu.getAsDouble() / took);
        figures.add(
                "pending",
                "P13 idle, requests of our API group per minute",
                "10 / 4",
                "%.0f",
                60 * site.requests().minus(requestsBefore).all() / took);
    }

    /** While the operator is away, a Task becomes due. Its name is the last one, so it is the last one in the list. */
    private OperatorJvm restarted() {
        String due = "zz-due";
        site.sink().reset();
        site.api().create(BenchCluster.task(due, PendingTasks.QUEUE, null));
        OperatorJvm operator = site.startOperator();
        operator.awaitReady();
        double ready = (BenchWorker.micros() - operator.startedAt()) / 1e6;
        site.sink().await(1, PATIENCE);
        double dispatched = (site.sink().firstAt(due) - operator.startedAt()) / 1e6;
        figures.add("pending", "restart with them: start to ready, s", "1.5 / 1 (P15)", "%.1f", ready);
        figures.add("pending", "restart with them: start to first dispatch, s", "15 / 5 (P11)", "%.1f", dispatched);
        figures.add("pending", "restart with them: operator CPU s until then", "", "%.1f", operator.cpu());
        return operator;
    }
}
