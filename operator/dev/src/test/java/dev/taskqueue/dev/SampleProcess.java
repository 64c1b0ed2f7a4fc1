package dev.taskqueue.dev;

import dev.taskqueue.controlplane.testing.TestFolders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program of a sample, in its own folder. Its output goes into a file. */
final class SampleProcess implements AutoCloseable {
    private static final long SECONDS_TO_END = 20;

    private final Process process;
    private final Path said;

    /** @param environment in addition to our own */
    SampleProcess(List<String> command, Path folder, Map<String, String> environment) {
        try {
            said = TestFolders.create("sample").resolve("log");
            var builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile());
            builder.environment().putAll(environment);
            // All calls go to loopback.
            builder.environment().put("NO_PROXY", "127.0.0.1,localhost");
            builder.environment().put("no_proxy", "127.0.0.1,localhost");
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its output so far, both streams together. */
    String said() {
        try {
            return Files.readString(said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void checkAlive() {
        if (!process.isAlive()) {
            throw new IllegalStateException("the sample has ended with " + process.exitValue() + ":\n" + said());
        }
    }

    /** Waits for its end and returns its exit code. */
    int await(long minutes) throws InterruptedException {
        return process.waitFor(minutes, TimeUnit.MINUTES) ? process.exitValue() : -1;
    }

    @Override
    public void close() {
        try {
            process.destroy();
            if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            Files.delete(said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
