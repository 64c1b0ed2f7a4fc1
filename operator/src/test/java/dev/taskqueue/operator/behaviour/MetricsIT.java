package dev.taskqueue.operator.behaviour;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.TaskQueueOperator;
import dev.taskqueue.operator.testing.Promtool;
import dev.taskqueue.operator.testing.TestCluster;
import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The metrics of an operator at work. */
class MetricsIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    @Test
    void theOperatorCountsWhatItAsksOfTheApiServer() throws IOException {
        cluster.worker("worker").codes(200);
        cluster.queue("orders", "{rateLimits: {maxDispatchesPerSecond: 50, maxConcurrentDispatches: 7}}");
        TaskQueueOperator operator = cluster.operator();
        deliver("a", "orders");
        cluster.batch(
                "b", "{queueRef: {name: orders}, template: {httpRequest: {serviceRef: {name: worker}}}, count: 5}");
        cluster.awaitBatchState("b", "Succeeded");
        String queue = "{namespace=\"" + cluster.namespace() + "\",queue=\"orders\"";
        assertThat(scrape(operator))
                .contains(
                        "taskqueue_created_total" + queue + "} 6.0",
                        "taskqueue_concurrency_limit" + queue + "} 7.0",
                        "taskqueue_rate_limit_per_second" + queue + "} 50.0",
                        "taskqueue_queue_state" + queue + ",state=\"Running\"} 1.0",
                        "taskqueue_failed_retained" + queue + "} 0.0",
                        "taskqueue_api_requests_total{code=\"200\",resource=\"tasks\",verb=\"patch\"} ",
                        "taskqueue_api_requests_total{code=\"200\",resource=\"tasks\",verb=\"list\"} ",
                        "taskqueue_api_requests_total{code=\"200\",resource=\"tasks\",verb=\"watch\"} ",
                        "resource=\"taskqueues\",verb=\"watch\"} ",
                        "resource=\"services\",verb=\"watch\"} ",
                        "taskqueue_api_request_duration_seconds_count{verb=\"patch\"} ",
                        "taskqueue_watch_last_event_timestamp_seconds{resource=\"tasks\"} ",
                        "taskqueue_watch_last_event_timestamp_seconds{resource=\"taskbatches\"} ",
                        "taskqueue_reconcile_duration_seconds_count ",
                        "process_open_fds ",
                        "jvm_threads_current ")
                .doesNotContain("resource=\"other\",verb=\"patch\"");
    }

    @Test
    void aFailureIsCountedUntilItIsGone() {
        cluster.worker("worker").codes(422);
        cluster.queue("orders", "{retry: {nonRetryableStatusCodes: [422]}, deadLetter: {queueRef: {name: dead}}}");
        cluster.queue("dead", "{state: Paused}");
        TaskQueueOperator operator = cluster.operator();
        deliver("a", "orders");
        String namespace = "{namespace=\"" + cluster.namespace() + "\",queue=";
        await().untilAsserted(() -> assertThat(scrape(operator))
                .contains(
                        "taskqueue_failed_retained" + namespace + "\"orders\"} 1.0",
                        "taskqueue_dead_letters_total" + namespace + "\"orders\"} 1.0",
                        "taskqueue_created_total" + namespace + "\"dead\"} 1.0",
                        "taskqueue_queue_state" + namespace + "\"dead\",state=\"Paused\"} 1.0"));
    }

    @Test
    void theLeaseTellsHowOftenItHasChangedHands() {
        TaskQueueOperator operator = cluster.operator(
                "LEADER_ELECTION=true",
                "LEASE_NAMESPACE=" + cluster.namespace(),
                "LEASE_NAME=" + TestCluster.LEASE,
                "LEASE_DURATION=" + TestCluster.LEASE_DURATION);
        await().untilAsserted(() -> assertThat(scrape(operator))
                .contains(
                        "taskqueue_leader 1.0",
                        "taskqueue_lease_transitions_total ",
                        "resource=\"leases\",verb=\"update\"} "));
    }

    @Test
    @Requires({Prerequisite.CONTROL_PLANE, Prerequisite.PROMETHEUS})
    void promtoolFindsNothingWrongWithWhatIsFetched() throws IOException {
        cluster.worker("worker").codes(200);
        cluster.queue("orders", "{}");
        TaskQueueOperator operator = cluster.operator();
        deliver("a", "orders");
        assertThat(new Promtool().checkMetrics(scrape(operator))).isEmpty();
    }

    private void deliver(String task, String queue) {
        cluster.task(task, "{queueRef: {name: %s}, httpRequest: {serviceRef: {name: worker}}}".formatted(queue));
        cluster.await(task, status -> status.has("completionTime"), "its end");
    }

    private static String scrape(TaskQueueOperator operator) throws IOException {
        var connection = URI.create("http://127.0.0.1:" + operator.httpPort() + "/metrics")
                .toURL()
                .openConnection(Proxy.NO_PROXY);
        try (var in = connection.getInputStream()) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }
}
