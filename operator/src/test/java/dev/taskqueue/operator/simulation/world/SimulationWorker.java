package dev.taskqueue.operator.simulation.world;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A process that runs one world after another. Two worlds in one JVM would wait for each other's locks of the JDK, and a run could not be repeated.
 *
 * <p>It reads a seed from each line of its input, and answers with the line of a {@link WorldReport}. If the run broke a rule, it then looks for a
 * shorter plan, and writes another line: {@link Failure#line}. It ends when its input ends, as it does when the parent ends.
 */
final class SimulationWorker {
    private final BlockingQueue<Long> seeds = new LinkedBlockingQueue<>();
    private final PrintStream reports;

    private SimulationWorker(PrintStream reports) {
        this.reports = reports;
    }

    public static void main(String[] arguments) throws InterruptedException {
        var worker = new SimulationWorker(System.out);
        // Only reports go to the parent; everything else that is printed belongs to the log.
        System.setOut(System.err);
        SimulationLog.install();
        Thread.ofPlatform().daemon().name("seeds").start(worker::readSeeds);
        worker.runAll();
    }

    /** Reads on while a world runs, so that the process ends at once with its parent. */
    private void readSeeds() {
        try (var lines = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                seeds.add(Long.parseLong(line));
            }
        } catch (IOException closed) {
            // The parent has ended.
        } finally {
            Runtime.getRuntime().halt(0);
        }
    }

    private void runAll() throws InterruptedException {
        while (true) {
            Simulation.Result result = Simulation.run(Deck.plan(seeds.take()));
            report(WorldReport.of(result).line());
            if (!result.isGood()) {
                report(Failure.shortened(result).line());
            }
        }
    }

    private void report(String line) {
        reports.println(line);
        reports.flush();
    }
}
