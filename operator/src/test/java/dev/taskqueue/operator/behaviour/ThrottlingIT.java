package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Workers report an overload and later its end. The queue slows down, reports why, and recovers by itself. */
@Order(TestCluster.LONG_FIRST)
class ThrottlingIT {
    /** A fall, two status writes about it, and the first steps upwards take half a minute, and longer on a busy machine. */
    private static final Duration A_WHILE = Duration.ofMinutes(4);

    private static final List<String> OVERLOADED = List.of("unavailable", "later", "too-many", "broken");
    private static final List<String> UNTOUCHED = List.of("refused", "disabled");

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");
    private final AtomicBoolean healthy = new AtomicBoolean();

    @Test
    void overloadSlowsAQueueDownUntilItIsOver() {
        worker.script(request -> healthy.get() ? Answer.of(200) : sick(request.header("X-CloudTasks-QueueName")));
        for (String queue : OVERLOADED) {
            queue(queue, "Adaptive");
        }
        queue("refused", "Adaptive");
        queue("disabled", "Disabled");
        cluster.operator();

        var lowest = new HashMap<String, Double>();
        for (String queue : OVERLOADED) {
            JsonNode status = await(queue)
                    .atMost(A_WHILE)
                    .until(
                            () -> cluster.queueStatus(queue),
                            now -> throttled(now).equals("True Overloaded"));
            assertThat(message(status))
                    .startsWith("The workers answered with 429, 503 or other 5xx too often; the rate is ")
                    .contains(" of 50 a second and recovers by itself.")
                    .endsWith("section Overloaded)");
            assertThat(status.path("reason").asText()).isEqualTo("Overloaded");
            assertThat(StatusConditions.conditions(status)).containsEntry("Ready", "True Ready");
            assertThat(enforced(status)).isLessThan(50);
            lowest.put(queue, enforced(status));
        }
        for (String queue : UNTOUCHED) {
            assertThat(throttled(cluster.queueStatus(queue))).isEqualTo("False FullRate");
            assertThat(enforced(cluster.queueStatus(queue))).isEqualTo(50);
        }
        assertThat(spec("unavailable")).contains("maxDispatchesPerSecond:50");

        healthy.set(true);
        for (String queue : OVERLOADED) {
            await(queue).atMost(A_WHILE).until(() -> {
                double now = enforced(cluster.queueStatus(queue));
                // The rate may fall further for a moment, because earlier answers count too.
                return now > lowest.merge(queue, now, Math::min);
            });
        }
        cluster.tasks()
                .forEach(task -> cluster.awaitState(task.at("/metadata/name").asText(), "Succeeded"));
    }

    private static Answer sick(String queue) {
        return switch (queue) {
            case "unavailable", "disabled" -> Answer.of(503);
            case "later" -> new Answer(503, Map.of("Retry-After", "1"));
            case "too-many" -> Answer.of(429);
            case "broken" -> Answer.of(500);
            default -> Answer.of(400);
        };
    }

    private void queue(String name, String throttling) {
        cluster.queue(
                name,
                "{throttling: %s, rateLimits: {maxDispatchesPerSecond: 50}, retry: {minBackoff: 100ms, maxBackoff: 1s, maxAttempts: -1}}"
                        .formatted(throttling));
        cluster.tasks(
                TestCluster.names(name, 20),
                "{queueRef: {name: %s}, httpRequest: {serviceRef: {name: worker}}}".formatted(name));
    }

    private String spec(String queue) {
        return cluster.kubectl("get", "tq", queue, "-o", "jsonpath={.spec.rateLimits}")
                .replace("\"", "");
    }

    private static String throttled(JsonNode status) {
        return StatusConditions.conditions(status).getOrDefault("Throttled", "");
    }

    private static double enforced(JsonNode status) {
        return status.at("/stats/enforcedDispatchesPerSecond").asDouble();
    }

    private static String message(JsonNode status) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText().equals("Throttled")) {
                return condition.path("message").asText();
            }
        }
        return "";
    }
}
