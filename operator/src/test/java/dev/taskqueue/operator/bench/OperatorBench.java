package dev.taskqueue.operator.bench;

import org.junit.jupiter.api.Test;

/** Runs the requested parts, one after the other, and prints their results. */
class OperatorBench {
    @Test
    void deliversEveryTaskOnceAndNoneEarlyHoweverFast() {
        var knobs = BenchOptions.read();
        var figures = new BenchReport();
        System.out.printf(
                "[bench] parts %s; %d cores; operator JVM flags %s%n",
                knobs.parts(), Runtime.getRuntime().availableProcessors(), knobs.jvm());
        try {
            if (knobs.runs("engine")) {
                new EngineAlone(figures).measure();
            }
            if (knobs.needsCluster()) {
                try (var site = new BenchCluster(knobs)) {
                    measure(site, figures);
                }
            }
        } finally {
            figures.print();
        }
    }

    private static void measure(BenchCluster site, BenchReport figures) {
        BenchOptions knobs = site.knobs();
        if (knobs.runs("road")) {
            new Throughput(site, figures).measure();
        }
        if (knobs.runs("batch")) {
            new BatchThroughput(site, figures).measure();
        }
        if (knobs.runs("crowd")) {
            new BatchCrowd(site, figures).measure();
        }
        if (knobs.runs("latency")) {
            new Punctuality(site, figures).measure();
        }
        if (knobs.runs("neighbour")) {
            new Neighbours(site, figures).measure();
        }
        if (knobs.runs("purge")) {
            new Purging(site, figures).measure();
        }
        var crowd = new PendingTasks(site, figures);
        if (knobs.runs("pending")) {
            new Pending(site, figures, crowd).measure();
        }
        if (knobs.runs("handover")) {
            new Handover(site, figures, crowd).measure();
        }
        if (knobs.runs("observability")) {
            new ObservabilityCost(site, figures).measure();
        }
    }
}
