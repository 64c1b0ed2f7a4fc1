package dev.taskqueue.operator.bench;

import java.util.function.DoubleSupplier;

/**
 * Measures TaskBatches of 1,000 items that are due at once. They are created as fast as the operator delivers them, and deleted at their end. API
 * server, etcd, operator, load and worker share the machine.
 */
final class BatchThroughput {
    private static final int ITEMS = BatchLoad.ITEMS;
    private static final String COUNTED = BatchLoad.COUNTED;
    private static final int WARM_UP = 5;
    private static final int CORES = 2;

    private final BenchCluster site;
    private final BenchReport figures;

    BatchThroughput(BenchCluster site, BenchReport figures) {
        this.site = site;
        this.figures = figures;
    }

    void measure() {
        try (OperatorJvm operator = site.operator()) {
            var load = new BatchLoad(site);
            load.createQueue();
            load.deliver("warm", WARM_UP, COUNTED);
            run(operator, "count", COUNTED);
            run(operator, "lines of 23 bytes", withPaths());
            figures.add("batch", "warnings and errors in the operator's log", "0", "%d", operator.complaints());
        }
    }

    private static String withPaths() {
        var lines = new StringBuilder("\"lines\":\"");
        for (int i = 0; i < ITEMS; i++) {
            lines.append("{\\\"path\\\":\\\"/invoice/").append(1000 + i).append("\\\"}\\n");
        }
        return lines.append('"').toString();
    }

    private void run(OperatorJvm operator, String form, String items) {
        int batches = site.knobs().batches();
        TaskRequests before = site.requests();
        DoubleSupplier seconds = CpuTime.stopwatch();
        DoubleSupplier controlPlane = CpuTime.since(site::controlPlaneCpu);
        DoubleSupplier load = CpuTime.since(CpuTime::ofThisJvm);
        DoubleSupplier cpu = CpuTime.since(operator::cpu);
        new BatchLoad(site).deliver(form.substring(0, 5), batches, items);
        double wall = seconds.getAsDouble();
        double ofOperator = cpu.getAsDouble();
        double ofControlPlane = controlPlane.getAsDouble();
        double ofLoad = load.getAsDouble();
        int total = batches * ITEMS;
        double all = ofOperator + ofControlPlane + ofLoad;
        BenchWorker sink = site.sink();
        figures.add("batch", form + ": lost", "0", "%d of %d", total - sink.tasks(), total);
        figures.add("batch", form + ": duplicates", "0", "%d", sink.duplicates());
        figures.add(
                "batch",
                form + ": P16 deliveries/s by CPU, all processes",
                "3,000 / 5,500",
                "%.0f",
                CORES * total / all);
        figures.add("batch", form + ": deliveries/s", "", "%.0f", total / wall);
        figures.add("batch", form + ": P16 operator CPU s per 1,000", "0.30 / 0.18", "%.3f", 1000 * ofOperator / total);
        figures.add("batch", form + ": API server + etcd CPU s per 1,000", "", "%.3f", 1000 * ofControlPlane / total);
        figures.add("batch", form + ": load and worker CPU s per 1,000", "", "%.3f", 1000 * ofLoad / total);
        long writes = site.requests().minus(before).writes();
        figures.add("batch", form + ": W, API writes per batch of 1,000", "5", "%.2f", (double) writes / batches);
    }
}
