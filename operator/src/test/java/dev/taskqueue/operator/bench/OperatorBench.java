package dev.taskqueue.operator.bench;

import org.junit.jupiter.api.Test;

/** Runs the parts that were asked for, one after the other, and prints their figures. */
class OperatorBench {
    @Test
    void deliversEveryTaskOnceAndNoneEarlyHoweverFast() {
        var knobs = Knobs.read();
        var figures = new Figures();
        System.out.printf(
                "[bench] parts %s; %d cores; operator JVM flags %s%n",
                knobs.parts(), Runtime.getRuntime().availableProcessors(), knobs.jvm());
        try {
            if (knobs.runs("engine")) {
                new EngineAlone(figures).measure();
            }
            if (knobs.needsCluster()) {
                try (var site = new Site(knobs)) {
                    measure(site, figures);
                }
            }
        } finally {
            figures.print();
        }
    }

    private static void measure(Site site, Figures figures) {
        Knobs knobs = site.knobs();
        if (knobs.runs("road")) {
            new Road(site, figures).measure();
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
        var crowd = new Crowd(site, figures);
        if (knobs.runs("pending")) {
            new Pending(site, figures, crowd).measure();
        }
        if (knobs.runs("handover")) {
            new Handover(site, figures, crowd).measure();
        }
    }
}
