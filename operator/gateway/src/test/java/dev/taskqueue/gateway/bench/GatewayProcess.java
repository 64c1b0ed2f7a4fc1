package dev.taskqueue.gateway.bench;

import dev.taskqueue.gateway.Main;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The gateway as a process of its own, with the flags that its image has under its limit of 192Mi. */
final class GatewayProcess implements AutoCloseable {
    private static final List<String> FLAGS = List.of(
            // 40 % of 192Mi, as the image's share.
            "-Xmx77m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseCompactObjectHeaders",
            "--sun-misc-unsafe-memory-access=allow");
    private static final long TICK = 10;

    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final int healthPort;
    private final Duration startToReady;

    /**
     * Starts it and waits until it is ready.
     *
     * @param more flags of the JVM that come after its own
     */
    GatewayProcess(Path kubeconfig, Path folder, int port, int healthPort, List<String> more) throws IOException {
        this.healthPort = healthPort;
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        command.addAll(more);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("gateway.log").toFile());
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        set(builder, "PORT", String.valueOf(port));
        set(builder, "HTTP_PORT", String.valueOf(healthPort));
        set(builder, "BIND", "127.0.0.1");
        set(builder, "TLS_DIR", folder.toString());
        set(builder, "CONFIG", folder.resolve("mapping.yaml").toString());
        long began = System.nanoTime();
        process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(this::isReady);
        startToReady = Duration.ofNanos(System.nanoTime() - began);
    }

    private static void set(ProcessBuilder builder, String name, String value) {
        builder.environment().put("TASKQUEUE_GATEWAY_" + name, value);
    }

    private boolean isReady() {
        if (!process.isAlive()) {
            throw new IllegalStateException("the gateway has ended with " + process.exitValue());
        }
        try {
            return get("/readyz").equals("ok\n");
        } catch (IOException notYet) {
            return false;
        }
    }

    private String get(String path) throws IOException {
        try {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + healthPort + path))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopping);
        }
    }

    Duration startToReady() {
        return startToReady;
    }

    /** CPU time up to now. */
    Duration cpu() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Duration.ofMillis((Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK);
    }

    /** The most memory that was resident, in MB. */
    long peakMegabytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
                .sum();
    }

    /** The sum of a counter over all its labels that contain this text. */
    double counter(String name, String labels) throws IOException {
        return get("/metrics")
                .lines()
                .filter(line -> line.startsWith("taskqueue_gateway_" + name) && line.contains(labels))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor(30, TimeUnit.SECONDS);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
        http.close();
    }
}
