package dev.taskqueue.controlplane;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that this process starts and ends. Its output goes into a file. */
public final class Program {
    private static final long SECONDS_TO_END = 20;

    private final Process process;
    private final Path log;

    /** Starts it. */
    public Program(List<String> command, Path log) {
        this.log = log;
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it still runs. */
    public boolean isRunning() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** The last lines that it wrote, for the message of a caller that waited in vain. */
    public String lastWords() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Asks it to stop, and kills it if it has not ended within {@value #SECONDS_TO_END} seconds. */
    public void stop() {
        process.destroy();
        if (!hasEnded()) {
            kill();
        }
    }

    /** Kills it without notice, as a crash does. */
    public void kill() {
        process.destroyForcibly();
        hasEnded();
    }

    private boolean hasEnded() {
        try {
            return process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
