package dev.taskqueue.operator.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.function.DoubleSupplier;

/**
 * Measures the highest throughput: Tasks that are due at once are created as fast as the operator delivers them. A bare loop runs before and after.
 * It creates the same objects, writes their status and deletes them, while nobody watches.
 */
final class Throughput {
    private static final int BARE_TASKS = 1_000;
    private static final int WARM_UP = 200;
    /** How many Tasks may be created but not delivered. A growing backlog would measure something else. */
    private static final int OUTSTANDING = 256;

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String LIMITS =
            "rateLimits: {maxDispatchesPerSecond: 10000, maxBurstSize: 500, maxConcurrentDispatches: 1000}";

    private final BenchCluster site;
    private final BenchReport figures;

    /**
     * The cost of a number of Tasks.
     *
     * @param seconds of wall-clock time
     * @param controlPlane CPU seconds of kube-apiserver and etcd
     * @param operator CPU seconds of the operator; 0 in the bare loop
     * @param load CPU seconds of this JVM
     */
    private record Cost(int tasks, double seconds, double controlPlane, double operator, double load) {
        Cost plus(Cost other) {
            return new Cost(
                    tasks + other.tasks,
                    seconds + other.seconds,
                    controlPlane + other.controlPlane,
                    operator + other.operator,
                    load + other.load);
        }

        double perSecond() {
            return tasks / seconds;
        }

        /** CPU milliseconds of the control plane per Task. */
        double controlPlaneMillis() {
            return 1000 * controlPlane / tasks;
        }

        double allMillis() {
            return 1000 * (controlPlane + operator + load) / tasks;
        }
    }

    /**
     * One sustained run.
     *
     * @param secondHalf CPU seconds of the operator per 1,000 Tasks, in the later half of the Tasks
     */
    private record Run(String name, Cost cost, TaskRequests requests, double secondHalf) {
        double writesPerTask() {
            return (double) requests.writes() / cost.tasks;
        }

        double perThousand() {
            return 1000 * cost.operator / cost.tasks;
        }
    }

    Throughput(BenchCluster site, BenchReport figures) {
        this.site = site;
        this.figures = figures;
    }

    void measure() {
        bare("warm", WARM_UP);
        Cost before = bare("before", BARE_TASKS);
        Run kept;
        Run gone;
        try (OperatorJvm operator = site.operator()) {
            site.queue("kept", "{%s, retention: {succeeded: 2s}}".formatted(LIMITS));
            kept = run(operator, "kept", 2);
            site.queue("gone", "{%s, retention: {succeeded: 0s}}".formatted(LIMITS));
            gone = run(operator, "gone", 0);
            figures.add("road", "warnings and errors in the operator's log", "0", "%d", operator.complaints());
        }
        Cost after = bare("after", BARE_TASKS);
        report(before, after, kept, gone);
    }

    /** Does the same writes as the operator, by the load generator alone. */
    private Cost bare(String name, int tasks) {
        DoubleSupplier seconds = CpuTime.stopwatch();
        DoubleSupplier controlPlane = CpuTime.since(site::controlPlaneCpu);
        DoubleSupplier load = CpuTime.since(CpuTime::ofThisJvm);
        site.api().forEach(tasks, i -> {
            String task = "bare-" + name + "-" + i;
            site.api().create(BenchCluster.task(task, "nobody", null));
            site.api().patchStatus(task, BareStatus.PATCH);
            site.api().delete(task);
        });
        return new Cost(tasks, seconds.getAsDouble(), controlPlane.getAsDouble(), 0, load.getAsDouble());
    }

    private Run run(OperatorJvm operator, String queue, int retentionSeconds) {
        int tasks = site.knobs().tasks();
        BenchWorker sink = site.sink();
        sink.reset();
        var places = new Semaphore(OUTSTANDING);
        sink.onFirst(task -> places.release());
        TaskRequests requestsBefore = site.requests();
        DoubleSupplier seconds = CpuTime.stopwatch();
        DoubleSupplier controlPlane = CpuTime.since(site::controlPlaneCpu);
        DoubleSupplier load = CpuTime.since(CpuTime::ofThisJvm);
        DoubleSupplier cpu = CpuTime.since(operator::cpu);

        double[] half = new double[1];
        site.api().forEach(tasks, i -> {
            places.acquireUninterruptibly();
            if (i == tasks / 2) {
                half[0] = cpu.getAsDouble();
            }
            site.api().create(BenchCluster.task(queue + "-" + i, queue, null));
        });
        sink.await(tasks, PATIENCE);
        site.awaitNoTasks();

        // The retention of the last Task is a wait by configuration, not work.
        var cost = new Cost(
                tasks,
                seconds.getAsDouble() - retentionSeconds,
                controlPlane.getAsDouble(),
                cpu.getAsDouble(),
                load.getAsDouble());
        TaskRequests requests = site.requests().minus(requestsBefore);
        figures.add("road", queue + ": lost", "0", "%d of %d", tasks - sink.tasks(), tasks);
        figures.add("road", queue + ": duplicates", "0", "%d", sink.duplicates());
        assertThat(sink.tasks()).as("Tasks delivered").isEqualTo(tasks);
        assertThat(sink.duplicates()).as("Tasks delivered twice").isZero();
        double second = 1000 * (cost.operator - half[0]) / (tasks - tasks / 2);
        return new Run(queue, cost, requests, second);
    }

    private void report(Cost before, Cost after, Run kept, Run gone) {
        Cost bare = before.plus(after);
        figures.add(
                "road",
                "R_bare, writes/s: before, after",
                "",
                "%.0f, %.0f",
                3 * before.perSecond(),
                3 * after.perSecond());
        figures.add(
                "road",
                "bare loop, API server + etcd CPU ms per Task: before, after",
                "",
                "%.2f, %.2f",
                before.controlPlaneMillis(),
                after.controlPlaneMillis());
        report(kept, bare, "3.02", "1.2 / 0.7", true);
        report(gone, bare, "2.02", "0.7 / 0.4", false);
    }

    /**
     * @param writes the goal of P1
     * @param cpu the goal of P3
     * @param comparable whether a Task takes the same writes as in the loop
     */
    private void report(Run run, Cost bare, String writes, String cpu, boolean comparable) {
        String name = run.name() + ": ";
        double rBare = 3 * bare.perSecond();
        figures.add("road", name + "Tasks/s", "", "%.0f", run.cost().perSecond());
        figures.add("road", name + "P1 W, API writes per Task", writes, "%.3f", run.writesPerTask());
        figures.add(
                "road",
                name + "writes refused (conflict, throttling)",
                "",
                "%d",
                run.requests().refused());
        double e = run.cost().perSecond() * run.writesPerTask() / rBare;
        figures.add("road", name + "P2 E, writes/s against the bare loop", comparable ? "0.80 / 0.92" : "", "%.2f", e);
        if (comparable) {
            figures.add(
                    "road",
                    name + "E by CPU (bare loop / run, all processes)",
                    "0.80 / 0.92",
                    "%.2f",
                    bare.allMillis() / run.cost().allMillis());
        }
        figures.add("road", name + "P3 operator CPU s per 1,000 Tasks", cpu, "%.2f", run.perThousand());
        figures.add("road", name + "P3 of the second half", cpu, "%.2f", run.secondHalf());
        figures.add(
                "road",
                name + "operator CPU / API server + etcd CPU",
                "",
                "%.2f",
                run.cost().operator() / run.cost().controlPlane());
        if (comparable) {
            figures.add(
                    "road",
                    name + "P4 API server + etcd CPU per Task against the bare loop",
                    "1.05x / 0.90x",
                    "%.2fx",
                    run.cost().controlPlaneMillis() / bare.controlPlaneMillis());
        }
        figures.add(
                "road",
                name + "load generator and sink CPU ms per Task",
                "",
                "%s",
                String.format(
                        Locale.ROOT,
                        "%.2f",
                        1000 * run.cost().load() / run.cost().tasks()));
    }
}
