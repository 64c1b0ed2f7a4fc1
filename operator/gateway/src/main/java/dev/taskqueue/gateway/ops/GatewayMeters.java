package dev.taskqueue.gateway.ops;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;

/** The numbers at {@code /metrics}. None has the name of a Task. */
public final class GatewayMeters {
    static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private static final String PREFIX = "taskqueue_gateway_";

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    private final Counter requests =
            counter("requests_total", "Calls of clients, by the code of their answer.", "method", "transport", "code");
    private final Histogram durations = Histogram.builder()
            .withoutExemplars()
            .name(PREFIX + "request_duration_seconds")
            .help("How long calls of clients took.")
            .labelNames("method")
            .classicOnly()
            .classicUpperBounds(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
            .register(registry);
    private final Counter apiRequests = counter(
            "api_requests_total",
            "Requests to the API server, by the code of its answer; 0 if none came.",
            "verb",
            "code");
    private final Counter apiRetries = counter("api_retries_total", "Requests to the API server that were sent again.");
    private final Gauge inFlight = gauge("in_flight", "Writes to the API server in flight.");
    private final Counter tokenReviews =
            counter("token_reviews_total", "Reviews of tokens, by their result.", "result");
    private final Counter tokenCacheHits =
            counter("token_cache_hits_total", "Tokens that were known, so that no review was needed.");
    private final Counter unmappedTargets = counter(
            "unmapped_targets_total",
            "Tasks that were refused because no Service stands for the host of their url.",
            "namespace");
    private final Counter batches = counter("batches_total", "TaskBatches that were created for unnamed tasks.");
    private final Counter batchedTasks =
            counter("batched_tasks_total", "Tasks that were created as items of these TaskBatches.");
    private final Counter clientCancels = counter("client_cancels_total", "Answers that a client did not wait for.");
    private final Gauge configValid =
            gauge("config_valid", "1 while the mapping file and the certificate on disk can be used, else 0.");

    /** Counts from now on. */
    public GatewayMeters(String version) {
        Info.builder()
                .name(PREFIX + "build_info")
                .help("The gateway's version; always 1.")
                .labelNames("version")
                .register(registry)
                .setLabelValues(version);
        configValid.set(1);
    }

    private Counter counter(String name, String help, String... labels) {
        return Counter.builder()
                .withoutExemplars()
                .name(PREFIX + name)
                .help(help)
                .labelNames(labels)
                .register(registry);
    }

    private Gauge gauge(String name, String help) {
        return Gauge.builder().withoutExemplars().name(PREFIX + name).help(help).register(registry);
    }

    public void request(String method, String transport, String code, Duration duration) {
        requests.labelValues(method, transport, code).inc();
        durations.labelValues(method).observe(duration.toNanos() / 1e9);
    }

    /**
     * Counts a request to the API server.
     *
     * @param code 0 if no answer came
     */
    public void apiRequest(String verb, int code) {
        apiRequests.labelValues(verb, String.valueOf(code)).inc();
    }

    public void apiRetry() {
        apiRetries.inc();
    }

    public void inFlight(int change) {
        inFlight.inc(change);
    }

    public void tokenReview(String result) {
        tokenReviews.labelValues(result).inc();
    }

    public void tokenCacheHit() {
        tokenCacheHits.inc();
    }

    public void unmappedTarget(String namespace) {
        unmappedTargets.labelValues(namespace).inc();
    }

    /** Counts a TaskBatch that was created with so many items. */
    public void batch(int items) {
        batches.inc();
        batchedTasks.inc(items);
    }

    public void clientCancel() {
        clientCancels.inc();
    }

    public void configValid(boolean valid) {
        configValid.set(valid ? 1 : 0);
    }

    /** Writes all numbers in Prometheus' text format. */
    public void write(OutputStream out) throws IOException {
        writer.write(out, registry.scrape());
    }
}
