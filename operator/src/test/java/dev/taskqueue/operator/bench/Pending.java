package dev.taskqueue.operator.bench;

import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;
import org.awaitility.Awaitility;

/**
 * What many Tasks cost that only wait: memory, CPU, requests, and the time until the operator is back after a restart. It leaves them behind,
 * so it comes last.
 */
final class Pending {
    private static final Duration IDLE = Duration.ofSeconds(20);
    private static final Duration TOLD = Duration.ofMinutes(20);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Site site;
    private final Figures figures;

    Pending(Site site, Figures figures) {
        this.site = site;
        this.figures = figures;
    }

    void measure() {
        int tasks = site.knobs().pending();
        site.queue("waiting", "{retention: {succeeded: 1s}}");
        double empty;
        try (OperatorJvm operator = site.operator()) {
            empty = operator.liveHeap();
            Instant at = Instant.now().plus(Duration.ofHours(24));
            site.api().forEach(tasks, i -> site.api().create(Site.task("later-" + i, "waiting", at)));
            awaitTold();
        }
        // Both heaps are those of an operator that has just started: what traffic leaves in pools and buffers is in
        // neither.
        try (OperatorJvm operator = restarted()) {
            idle(operator);
            double heap = operator.liveHeap() - empty;
            figures.add(
                    "pending", "P10 heap per pending Task, KB, of " + tasks, "2.0 / 1.0", "%.2f", heap / tasks / 1024);
            figures.add("pending", "live heap without them, MB", "", "%.1f", empty / (1 << 20));
        }
    }

    /** Waits until the operator writes no more: every Task's status says by now that it is scheduled. */
    private void awaitTold() {
        DoubleSupplier seconds = Cpu.stopwatch();
        long[] last = {-1};
        Awaitility.await("the operator to have told where the Tasks stand")
                .pollInterval(Duration.ofSeconds(3))
                .atMost(TOLD)
                .until(() -> {
                    long writes = site.requests().writes();
                    boolean same = writes == last[0];
                    last[0] = writes;
                    return same;
                });
        figures.add("pending", "seconds until all are told Scheduled", "", "%.0f", seconds.getAsDouble());
    }

    private void idle(OperatorJvm operator) {
        TaskRequests requestsBefore = site.requests();
        DoubleSupplier cpu = Cpu.since(operator::cpu);
        DoubleSupplier seconds = Cpu.stopwatch();
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

    /** While the operator is away a Task falls due, the last one by name, which is the last to be listed. */
    private OperatorJvm restarted() {
        String due = "zz-due";
        site.sink().reset();
        site.api().create(Site.task(due, "waiting", null));
        OperatorJvm operator = site.startOperator();
        operator.awaitReady();
        double ready = (Sink.micros() - operator.startedAt()) / 1e6;
        site.sink().await(1, PATIENCE);
        double dispatched = (site.sink().firstAt(due) - operator.startedAt()) / 1e6;
        figures.add("pending", "restart with them: start to ready, s", "4 / 1.5 (P15)", "%.1f", ready);
        figures.add("pending", "restart with them: start to first dispatch, s", "15 / 5 (P11)", "%.1f", dispatched);
        figures.add("pending", "restart with them: operator CPU s until then", "", "%.1f", operator.cpu());
        return operator;
    }
}
