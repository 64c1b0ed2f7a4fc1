package dev.taskqueue.operator.ops;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * The numbers about the operator's own dealings with the API server: requests, watches, tokens, the Lease, and reconciliations of TaskQueues. All labels
 * are from short closed lists.
 */
public final class ApiMeters {
    /** From a quick answer to the longest timeout of a request. */
    private static final double[] UP_TO_SECONDS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};

    private static final double NANOS_PER_SECOND = 1e9;

    /** How a request for a token ended. */
    public enum TokenResult {
        /** There is a token. */
        granted,
        /** The account does not exist, or the operator may not ask for its tokens. */
        refused,
        /** The API server gave no useful answer. */
        failed
    }

    private final PrometheusRegistry registry;
    private final Counter requests;
    private final Histogram durations;
    private final Counter watchRestarts;
    private final Counter tokens;
    private final Counter reconciliations;
    private final Counter reconcileErrors;
    private final Histogram reconcileDurations;

    ApiMeters(PrometheusRegistry registry) {
        this.registry = registry;
        requests = counter(
                "taskqueue_api_requests_total",
                "Requests to the API server, by verb, resource and status code (0 without an answer).",
                "verb",
                "resource",
                "code");
        durations = histogram(
                "taskqueue_api_request_duration_seconds",
                "How long the API server took to begin its answer, in seconds; watches do not count.",
                "verb");
        watchRestarts = counter(
                "taskqueue_watch_restarts_total",
                "Watches that began again; the API server itself ends each after some minutes.",
                "resource");
        tokens = counter("taskqueue_tokens_total", "Requests for tokens of ServiceAccounts, by result.", "result");
        reconciliations = counter("taskqueue_reconcile_total", "Reconciliations of TaskQueues.");
        reconcileErrors = counter(
                "taskqueue_reconcile_errors_total",
                "Reconciliations of TaskQueues that failed, or whose status could not be written.");
        reconcileDurations = histogram(
                "taskqueue_reconcile_duration_seconds", "How long a reconciliation of a TaskQueue took, in seconds.");
        // A counter that begins with its first event shows no increase for it.
        List.of(TokenResult.values()).forEach(result -> tokens.initLabelValues(result.name()));
        List.of("tasks", "taskbatches", "taskqueues").forEach(watchRestarts::initLabelValues);
    }

    private Counter counter(String name, String help, String... labels) {
        return Counter.builder()
                .withoutExemplars()
                .name(name)
                .help(help)
                .labelNames(labels)
                .register(registry);
    }

    private Histogram histogram(String name, String help, String... labels) {
        return Histogram.builder()
                .withoutExemplars()
                .name(name)
                .help(help)
                .labelNames(labels)
                .classicOnly()
                .classicUpperBounds(UP_TO_SECONDS)
                .register(registry);
    }

    /**
     * A request has ended.
     *
     * @param code 0 = no answer
     */
    public void requested(String verb, String resource, int code, Duration took) {
        requests.labelValues(verb, resource, Integer.toString(code)).inc();
        if (!verb.equals("watch")) {
            durations.labelValues(verb).observe(took.toNanos() / NANOS_PER_SECOND);
        }
    }

    /** A watch has begun again. */
    public void watchRestarted(String resource) {
        watchRestarts.labelValues(resource).inc();
    }

    /** A request for a token has ended. */
    public void tokenRequested(TokenResult result) {
        tokens.labelValues(result.name()).inc();
    }

    /** A TaskQueue was reconciled. */
    public void reconciled(Duration took) {
        reconciliations.inc();
        reconcileDurations.observe(took.toNanos() / NANOS_PER_SECOND);
    }

    /** A reconciliation failed, or its status could not be written. */
    public void reconcileFailed() {
        reconcileErrors.inc();
    }

    /**
     * Shows from now on when a watch has last shown an object. Called once.
     *
     * @param lastEvents by resource; a resource without any event is missing
     */
    public void observeWatches(Supplier<Map<String, Instant>> lastEvents) {
        GaugeWithCallback.builder()
                .name("taskqueue_watch_last_event_timestamp_seconds")
                .help("When a list or watch last showed an object of the resource, in seconds since 1970.")
                .labelNames("resource")
                .callback(gauge ->
                        lastEvents.get().forEach((resource, at) -> gauge.call(at.toEpochMilli() / 1e3, resource)))
                .register(registry);
    }

    /**
     * Shows from now on how often the Lease has changed hands. Called once.
     *
     * @param transitions as the Lease itself counts them; empty until it was read
     */
    public void observeLease(Supplier<OptionalInt> transitions) {
        CounterWithCallback.builder()
                .name("taskqueue_lease_transitions_total")
                .help(
                        "How often the Lease has had another holder, as the Lease itself counts; the same in all processes.")
                .callback(counter -> transitions.get().ifPresent(counter::call))
                .register(registry);
    }
}
