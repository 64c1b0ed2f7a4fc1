package dev.taskqueue.operator.testing;

import dev.taskqueue.controlplane.FreePorts;
import dev.taskqueue.controlplane.testing.TestFolders;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The operator as users run it: its jar in a separate JVM, with settings from the environment. */
public final class OperatorProcess implements AutoCloseable {
    private static final long SECONDS_TO_END = 60;

    private final Process process;
    private final Path log;
    private final int port = FreePorts.one();

    /**
     * Starts an operator; {@link #awaitReady} waits until it serves.
     *
     * @param kubeconfig YAML
     * @param environment settings by their whole names
     */
    public OperatorProcess(String kubeconfig, Map<String, String> environment) {
        String jar = Objects.requireNonNull(System.getProperty("operator.jar"), "system property operator.jar");
        try {
            Path folder = TestFolders.create("operator");
            log = folder.resolve("log");
            Path credentials = Files.writeString(folder.resolve("kubeconfig"), kubeconfig);
            Path java = Path.of(System.getProperty("java.home"), "bin", "java");
            var builder = new ProcessBuilder(List.of(
                            java.toString(),
                            // These are the flags of the image. In addition the JVM uses the class archive that the
                            // first process wrote when it ended by itself: starts take most of the time.
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+AutoCreateSharedArchive",
                            "-XX:SharedArchiveFile=" + Path.of(jar).resolveSibling("operator.jsa"),
                            "-jar",
                            jar))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().putAll(environment);
            builder.environment().put("KUBECONFIG", credentials.toString());
            builder.environment().put("TASKQUEUE_HTTP_PORT", String.valueOf(port));
            // The proxy settings of the environment are not meant for loopback.
            builder.environment()
                    .keySet()
                    .removeIf(name -> name.toLowerCase(Locale.ROOT).endsWith("_proxy"));
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns once the operator serves its queues. */
    public void awaitReady() {
        Awaitility.await("the operator's readyz").atMost(TestCluster.PATIENCE).until(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("The operator ended:\n" + log());
            }
            return isReady();
        });
    }

    /** Whether it serves its queues, or is a standby for them. */
    public boolean isReady() {
        try {
            return open("/readyz").getResponseCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Whether it is alive, so that it must not be restarted. */
    public boolean isLive() {
        try {
            return open("/livez").getResponseCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** The text of its answer about readiness: {@code ok} in the first line once it is ready. */
    public String readiness() {
        try {
            HttpURLConnection connection = open("/readyz");
            InputStream body =
                    connection.getResponseCode() == 200 ? connection.getInputStream() : connection.getErrorStream();
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its metrics, in Prometheus' text format. */
    public String metrics() {
        try (var answer = open("/metrics").getInputStream()) {
            return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpURLConnection open(String path) throws IOException {
        return (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + path).toURL().openConnection(java.net.Proxy.NO_PROXY);
    }

    /** Kills it as a crash of its machine does. Returns once it is gone. */
    public void kill() {
        process.destroyForcibly();
        exitCode();
    }

    public long pid() {
        return process.pid();
    }

    /** Asks it to stop (SIGTERM). Returns at once. */
    public void terminate() {
        process.destroy();
    }

    /** Stops all its threads where they are (SIGSTOP). */
    public void freeze() {
        signal("STOP");
    }

    /** Lets it run again (SIGCONT). */
    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                    .inheritIO()
                    .start();
            if (kill.waitFor() != 0) {
                throw new AssertionError("kill -" + name + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The current value of a metric. The name includes the labels, if there are any. */
    public double metric(String name) {
        return metrics()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for its end. */
    public int exitCode() {
        try {
            if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
                throw new AssertionError("The operator does not end:\n" + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Its output so far. */
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
