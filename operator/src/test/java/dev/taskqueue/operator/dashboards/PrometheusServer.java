package dev.taskqueue.operator.dashboards;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.controlplane.FreePorts;
import dev.taskqueue.controlplane.testing.TestFolders;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.Tools;
import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A Prometheus of its own, on loopback, that fetches the metrics of some operators and evaluates the chart's alerts. */
final class PrometheusServer implements AutoCloseable {
    static final Duration STEP = Duration.ofSeconds(2);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final int port = FreePorts.one();
    private final Process process;

    /** Numbers by time, in seconds since 1970, of one combination of labels. */
    record Series(Map<String, String> labels, List<Point> points) {}

    record Point(double at, double value) {}

    /** @param operators the ports of the operators */
    PrometheusServer(List<Integer> operators) throws IOException {
        Path folder = TestFolders.create("prometheus");
        String targets = operators.stream()
                .map(operator -> "'127.0.0.1:" + operator + "'")
                .collect(Collectors.joining(", "));
        Path config = Files.writeString(folder.resolve("prometheus.yaml"), """
                global: {scrape_interval: %ds, evaluation_interval: 5s}
                rule_files: ['%s']
                scrape_configs:
                  - job_name: taskqueue
                    honor_labels: true
                    static_configs: [{targets: [%s], labels: {namespace: taskqueue-system}}]
                """.formatted(
                        STEP.toSeconds(),
                        ControlPlane.repository().toAbsolutePath().normalize().resolve("charts/manifests/alerts.yaml"),
                        targets));
        process = new ProcessBuilder(
                        Tools.prometheus().toString(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
    }

    int port() {
        return port;
    }

    /** Asks for a query over a time. */
    List<Series> range(String query, Instant from, Instant to) throws IOException {
        return series(get("query_range?query=" + URLEncoder.encode(query, UTF_8) + "&start=" + from.getEpochSecond()
                + "&end=" + to.getEpochSecond() + "&step=" + STEP.toSeconds()));
    }

    /** Asks for a query at one time. */
    List<Series> instant(String query, Instant at) throws IOException {
        return series(get("query?query=" + URLEncoder.encode(query, UTF_8) + "&time=" + at.getEpochSecond()));
    }

    private JsonNode get(String path) throws IOException {
        var connection = URI.create("http://127.0.0.1:" + port + "/api/v1/" + path)
                .toURL()
                .openConnection(Proxy.NO_PROXY);
        try (var in = connection.getInputStream()) {
            return JSON.readTree(in);
        }
    }

    private static List<Series> series(JsonNode answer) {
        return answer.at("/data/result")
                .valueStream()
                .map(PrometheusServer::one)
                .toList();
    }

    private static Series one(JsonNode json) {
        var labels = new TreeMap<String, String>();
        json.path("metric")
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
        var points = new ArrayList<Point>();
        json.path("values").forEach(value -> add(value, points));
        if (json.has("value")) {
            add(json.path("value"), points);
        }
        return new Series(labels, points);
    }

    private static void add(JsonNode value, List<Point> points) {
        double number = Double.parseDouble(value.path(1).asText().replace("Inf", "Infinity"));
        if (Double.isFinite(number)) {
            points.add(new Point(value.path(0).asDouble(), number));
        }
    }

    /** Nobody reads its data afterwards, so it need not end in order. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
