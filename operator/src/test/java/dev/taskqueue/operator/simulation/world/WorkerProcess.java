package dev.taskqueue.operator.simulation.world;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The parent's end of a {@link SimulationWorker}. */
final class WorkerProcess implements AutoCloseable {
    /** A crowded world keeps 350 MB. The more of the memory is new, the less is copied. One world uses one processor, so a collector has one thread. */
    private static final List<String> HEAP = List.of("-XX:+UseSerialGC", "-Xms2g", "-Xmx2g", "-Xmn1300m");

    private final Process process;
    private final PrintStream seeds;
    private final BufferedReader reports;

    WorkerProcess() {
        var command = new ArrayList<>(words("simulate.command"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(HEAP);
        command.addAll(words("simulation.jvm"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), SimulationWorker.class.getName()));
        try {
            process =
                    new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        seeds = new PrintStream(process.getOutputStream(), true, UTF_8);
        reports = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    }

    private static List<String> words(String property) {
        return Arrays.stream(System.getProperty(property, "").split(" "))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** Runs the world of a seed. */
    WorldReport run(long seed) {
        seeds.println(seed);
        try {
            return WorldReport.read(next(seed));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The text of the {@link Failure}. To be called after a run that broke a rule. */
    String failure(long seed) {
        return next(seed).translateEscapes();
    }

    private String next(long seed) {
        try {
            String line = reports.readLine();
            if (line == null) {
                throw new IllegalStateException("a worker ended while it ran seed " + seed);
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How much time of processors it has used. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
