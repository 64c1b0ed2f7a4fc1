package dev.taskqueue.operator.behaviour;

import static dev.taskqueue.operator.testing.TestCluster.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.TaskQueueOperator;
import dev.taskqueue.operator.testing.ApiRequests;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.TestCluster;
import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many writes a Task costs, by the API server's own count. */
class WritesIT {
    private static final int TASKS = 200;

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    /**
     * A Task costs one status write if its status is kept, and its deletion. More writes happen only for repeated writes, or for a Task that waited
     * for a second.
     */
    @ParameterizedTest
    @CsvSource({"1s, 2", "0s, 1"})
    void aTaskThatSucceedsAtFirstCostsFewWrites(String retention, long writes) {
        cluster.queue(
                "orders",
                "{rateLimits: {maxDispatchesPerSecond: 1000}, retention: {succeeded: %s}}".formatted(retention));
        TaskQueueOperator operator = cluster.operator();
        cluster.awaitQueue("orders", status -> status.has("state"));
        cluster.tasks(names("t", TASKS), "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}");
        await().until(() -> worker.received().size() == TASKS);
        await().until(() -> cluster.tasks().isEmpty());
        await().untilAsserted(() -> {
            ApiRequests requests = cluster.account().requests();
            assertThat(requests.taskWrites()).isEqualTo(TASKS * writes + extraWrites(operator));
        });
        assertThat(cluster.account().requests().taskDeletions()).isEqualTo(TASKS);
    }

    /**
     * How many extra writes a slow machine has cost, by the operator's own count: for Tasks that waited for a second, and for Tasks that met a
     * conflict.
     */
    private static long extraWrites(TaskQueueOperator operator) throws IOException {
        var metrics = URI.create("http://127.0.0.1:" + operator.httpPort() + "/metrics")
                .toURL();
        try (var text = metrics.openConnection(Proxy.NO_PROXY).getInputStream()) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(
                            line -> line.matches(
                                    "taskqueue_writes_total\\{kind=\"((waiting-status|claim)\".*|.*result=\"(conflict|failed)\"\\}.*)"))
                    .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
    }
}
