package dev.taskqueue.operator.behaviour;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TaskHistory;
import dev.taskqueue.operator.testing.TestCluster;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The request that a handler gets for a Task, and the status of the Task afterwards. */
class DeliveryIT {
    private static final String TASK = "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void start() {
        cluster.queue("orders", "{retry: {minBackoff: 100ms}}");
        cluster.operator();
    }

    @Test
    void aDueTaskGoesAtOnceAndItsStatusIsWrittenOnce() {
        try (var history = new TaskHistory(cluster)) {
            cluster.task("invoice", TASK);
            cluster.awaitState("invoice", "Succeeded");
            await().until(() -> history.of("invoice").size() > 1);
            assertThat(history.of("invoice")).containsExactly("ADDED Pending", "MODIFIED Succeeded");
        }
        assertThat(worker.received()).hasSize(1);
    }

    @Test
    void aDeliveredTasksStatusSaysSoInEveryConditionAndKeepsTheAttempt() {
        cluster.task("invoice", TASK);
        JsonNode status = cluster.awaitState("invoice", "Succeeded");
        assertThat(StatusConditions.conditions(status))
                .isEqualTo(Map.of(
                        "Accepted", "True Accepted", "Finished", "True Delivered", "Succeeded", "True Delivered"));
        assertThat(status.path("conditions"))
                .allSatisfy(condition ->
                        assertThat(condition.path("observedGeneration").asInt()).isEqualTo(1));
        assertThat(status.path("observedGeneration").asInt()).isEqualTo(1);
        assertThat(counts(status)).containsExactly(1, 1, 1);
        JsonNode last = status.path("lastAttempt");
        assertThat(last.path("number").asInt()).isEqualTo(1);
        assertThat(last.path("statusCode").asInt()).isEqualTo(200);
        assertThat(last.path("reason").asText()).isEqualTo("Delivered");
        assertThat(time(last, "dispatchTime")).isAfterOrEqualTo(time(last, "scheduleTime"));
        assertThat(time(last, "responseTime")).isAfterOrEqualTo(time(last, "dispatchTime"));
        assertThat(time(status, "completionTime")).isAfterOrEqualTo(time(last, "responseTime"));
        assertThat(status.properties())
                .extracting(Map.Entry::getKey)
                .doesNotContain("firstAttempt", "attempts", "nextAttemptTime", "claim", "round");
    }

    @Test
    void theFirstAttemptCarriesExactlyTheHeadersOfTheTable() {
        cluster.task("invoice", TASK);
        JsonNode status = cluster.awaitState("invoice", "Succeeded");
        Received request = worker.received().getFirst();
        String uid = cluster.get("invoice").at("/metadata/uid").asText();
        assertThat(new TreeSet<>(request.headers().keySet()))
                .isEqualTo(new TreeSet<>(Set.of(
                        // headers of HTTP itself
                        "Host",
                        "Content-Length",
                        "Accept-Encoding",
                        "Connection",
                        // headers of Cloud Tasks
                        "X-CloudTasks-QueueName",
                        "X-CloudTasks-TaskName",
                        "X-CloudTasks-TaskRetryCount",
                        "X-CloudTasks-TaskExecutionCount",
                        "X-CloudTasks-TaskETA",
                        // headers of TaskQueue
                        "User-Agent",
                        "Idempotency-Key",
                        "TaskQueue-Attempt",
                        "TaskQueue-Max-Attempts",
                        "TaskQueue-Namespace",
                        "TaskQueue-Deadline",
                        "traceparent")));
        assertThat(request.headers())
                .containsEntry("Host", "worker." + cluster.namespace() + ".svc")
                .containsEntry("X-CloudTasks-QueueName", "orders")
                .containsEntry("X-CloudTasks-TaskName", "invoice")
                .containsEntry("X-CloudTasks-TaskRetryCount", "0")
                .containsEntry("X-CloudTasks-TaskExecutionCount", "0")
                .containsEntry("Idempotency-Key", uid)
                .containsEntry("TaskQueue-Attempt", "1")
                .containsEntry("TaskQueue-Max-Attempts", "100")
                .containsEntry("TaskQueue-Namespace", cluster.namespace());
        assertThat(eta(request)).isEqualTo(time(status.path("lastAttempt"), "scheduleTime"));
        assertThat(request.header("User-Agent")).isEqualTo("Google-Cloud-Tasks");
        assertThat(request.header("traceparent")).matches("00-" + uid.replace("-", "") + "-[0-9a-f]{16}-01");
        assertThat(Instant.parse(request.header("TaskQueue-Deadline")))
                .isEqualTo(time(status.path("lastAttempt"), "dispatchTime").plus(Duration.ofMinutes(10)));
    }

    @Test
    void everyRetryCarriesWhatWasBefore() throws InterruptedException {
        var number = new AtomicInteger();
        var late = new CountDownLatch(1);
        worker.script(request -> switch (number.incrementAndGet()) {
            case 1 -> Answer.of(404);
            case 2 -> Answer.of(503);
            case 3 -> {
                late.await();
                yield Answer.of(200);
            }
            default -> Answer.of(200);
        });
        cluster.task(
                "invoice",
                "{queueRef: {name: orders}, dispatchDeadline: 1s, httpRequest: {serviceRef: {name: worker}}}");
        JsonNode status = cluster.awaitState("invoice", "Succeeded");
        late.countDown();
        assertThat(worker.received())
                .extracting(DeliveryIT::retryHeaders)
                .containsExactly("0 0 - - 1", "1 1 404  2", "2 1 503  3", "3 1 504  4");
        assertThat(counts(status)).containsExactly(4, 3, 2);
        assertThat(worker.received())
                .extracting(request -> request.header("Idempotency-Key"))
                .containsOnly(cluster.get("invoice").at("/metadata/uid").asText());
        assertThat(worker.received()).extracting(DeliveryIT::eta).isSorted().doesNotHaveDuplicates();
        assertThat(eta(worker.received().getLast())).isEqualTo(time(status.path("lastAttempt"), "scheduleTime"));
    }

    private static String retryHeaders(Received request) {
        Map<String, String> headers = request.headers();
        return String.join(
                " ",
                request.header("X-CloudTasks-TaskRetryCount"),
                request.header("X-CloudTasks-TaskExecutionCount"),
                headers.getOrDefault("X-CloudTasks-TaskPreviousResponse", "-"),
                headers.getOrDefault("X-CloudTasks-TaskRetryReason", "-"),
                request.header("TaskQueue-Attempt"));
    }

    @Test
    void bodiesArriveByteByByte() {
        String text = "{\"größe\": \"\u20ac 5\",\n\t\"none\": \"\\u0000\"}";
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        request(
                "text",
                "method: PUT, headers: {Content-Type: application/json}, body: '"
                        + text.replace("\n", "\n\n").replace("\t", "\t") + "'");
        request("bytes", "bodyBase64: " + Base64.getEncoder().encodeToString(bytes));
        cluster.awaitState("text", "Succeeded");
        cluster.awaitState("bytes", "Succeeded");
        String stored = cluster.get("text").at("/spec/httpRequest/body").asText();
        assertThat(worker.received("text").getFirst().body()).isEqualTo(stored.getBytes(UTF_8));
        assertThat(stored).contains("größe", "€");
        assertThat(worker.received("text").getFirst().header("Content-Type")).isEqualTo("application/json");
        assertThat(worker.received("bytes").getFirst().body()).isEqualTo(bytes);
        assertThat(worker.received("bytes").getFirst().headers()).doesNotContainKey("Content-Type");
    }

    private void request(String name, String request) {
        cluster.task(name, "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}, " + request + "}}");
    }

    private static List<Integer> counts(JsonNode status) {
        return List.of(
                status.path("dispatchCount").asInt(),
                status.path("responseCount").asInt(),
                status.path("executionCount").asInt());
    }

    private static Instant time(JsonNode parent, String field) {
        return Instant.parse(parent.path(field).asText());
    }

    private static Instant eta(Received request) {
        var seconds = new BigDecimal(request.header("X-CloudTasks-TaskETA"));
        return Instant.ofEpochSecond(0, seconds.movePointRight(9).longValueExact());
    }
}
