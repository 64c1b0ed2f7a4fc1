package dev.taskqueue.operator.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.controlplane.FreePorts;
import dev.taskqueue.controlplane.testing.TestFolders;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** Runs the packaged operator in a separate JVM. */
final class OperatorJvm implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(2);
    private static final long SECONDS_TO_END = 60;
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");

    private final Path folder;
    private final Process process;
    private final int port = FreePorts.one();
    private final long startedAt = BenchWorker.micros();
    private final Thread ender = new Thread(this::kill);

    /**
     * Starts the operator. It is not ready yet.
     *
     * @param settings environment variables
     */
    OperatorJvm(List<String> jvm, String kubeconfig, Map<String, String> settings) {
        String jar = Objects.requireNonNull(System.getProperty("operator.jar"), "system property operator.jar");
        var command = new ArrayList<>(List.of(tool("java")));
        command.addAll(jvm);
        command.addAll(List.of("-jar", jar));
        try {
            folder = TestFolders.create("bench");
            Path credentials = Files.writeString(folder.resolve("kubeconfig"), kubeconfig);
            var builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile());
            // The proxy settings of the environment are not meant for loopback.
            builder.environment()
                    .keySet()
                    .removeIf(name -> name.toLowerCase(Locale.ROOT).endsWith("_proxy"));
            builder.environment().putAll(settings);
            builder.environment().put("KUBECONFIG", credentials.toString());
            builder.environment().put("TASKQUEUE_HTTP_PORT", String.valueOf(port));
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(ender);
    }

    long pid() {
        return process.pid();
    }

    double cpu() {
        return CpuTime.of(pid());
    }

    /** When the operator was started, in {@link BenchWorker#micros}. */
    long startedAt() {
        return startedAt;
    }

    void awaitReady() {
        Awaitility.await("the operator's readyz")
                .pollInterval(Duration.ofMillis(20))
                .pollDelay(Duration.ZERO)
                .atMost(START)
                .until(() -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException("the operator ended:\n" + Files.readString(log()));
                    }
                    return isReady();
                });
    }

    private boolean isReady() {
        try {
            var request = (HttpURLConnection)
                    URI.create("http://127.0.0.1:" + port + "/readyz").toURL().openConnection(java.net.Proxy.NO_PROXY);
            return request.getResponseCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Bytes of live objects, measured after a full collection. */
    long liveHeap() {
        Matcher total = TOTAL.matcher(jcmd("GC.class_histogram"));
        if (!total.find()) {
            throw new IllegalStateException("jcmd GC.class_histogram ends without a total");
        }
        return Long.parseLong(total.group(1));
    }

    /** The number of lines in its log that are warnings or worse. */
    long complaints() {
        try (var lines = Files.lines(log())) {
            return lines.filter(line -> line.contains(" WARN ") || line.contains(" ERROR "))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The number of lines in its log that contain these words. */
    long lines(String words) {
        try (var lines = Files.lines(log())) {
            return lines.filter(line -> line.contains(words)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads its metrics as Prometheus does. */
    String metrics() {
        try (InputStream in = URI.create("http://127.0.0.1:" + port + "/metrics")
                .toURL()
                .openConnection(java.net.Proxy.NO_PROXY)
                .getInputStream()) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command of the JVM, and returns what it prints. */
    String jcmd(String... command) {
        var line = new ArrayList<>(List.of(tool("jcmd"), String.valueOf(pid())));
        line.addAll(List.of(command));
        return run(line);
    }

    private Path log() {
        return folder.resolve("log");
    }

    private static String tool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    private static String run(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            return new String(process.getInputStream().readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends SIGTERM. The process may still run when this returns. */
    void terminate() {
        process.destroy();
    }

    /** Sends SIGTERM, and waits until the process has ended. */
    @Override
    public void close() {
        terminate();
        try {
            if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
                kill();
            }
            Runtime.getRuntime().removeShutdownHook(ender);
            Files.delete(folder.resolve("kubeconfig"));
            Files.delete(log());
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
        }
    }

    /** Sends SIGKILL. */
    void kill() {
        process.destroyForcibly();
    }
}
