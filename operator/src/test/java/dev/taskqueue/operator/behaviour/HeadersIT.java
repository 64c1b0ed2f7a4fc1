package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The header families of a Task that fails in every way, each with its own counters; and what an answer may ask for. */
class HeadersIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void start() {
        cluster.queue(
                "orders",
                "{headerFamilies: [CloudTasks, AppEngine], throttling: Disabled, dispatchDeadline: 2s, retry: {minBackoff: 10ms, maxBackoff: 60s, maxDoublings: 0, maxAttempts: 7}}");
        cluster.operator();
    }

    @Test
    void eachFamilyCountsInItsOwnWay() {
        var never = new CountDownLatch(1);
        worker.script(request -> switch (request.header("TaskQueue-Attempt")) {
            case "1" -> Answer.of(404);
            case "2" -> Answer.of(503);
            case "3" -> {
                never.await();
                yield Answer.of(200);
            }
            // The worker closes the connection without an answer.
            case "4" -> throw new InterruptedException();
            case "5" -> Answer.of(429);
            case "6" -> Answer.of(302);
            default -> Answer.of(200);
        });
        cluster.task("invoice", task());
        JsonNode status = cluster.awaitState("invoice", "Succeeded");
        never.countDown();
        assertThat(worker.received())
                .extracting(HeadersIT::cloudTasks)
                .containsExactly(
                        "retry 0, executions 0, previous none, reason none",
                        "retry 1, executions 1, previous 404, reason ''",
                        "retry 2, executions 1, previous 503, reason ''",
                        "retry 3, executions 1, previous 504, reason ''",
                        "retry 4, executions 1, previous none, reason none",
                        "retry 5, executions 2, previous 429, reason ''",
                        "retry 6, executions 3, previous 302, reason ''");
        assertThat(worker.received())
                .extracting(HeadersIT::appEngine)
                .containsExactly(
                        "retry 0, executions 0, previous none, reason none",
                        "retry 1, executions 1, previous 404, reason 'App Error'",
                        "retry 2, executions 2, previous 503, reason 'App Error'",
                        "retry 3, executions 2, previous 0, reason 'Instance Unavailable'",
                        "retry 4, executions 2, previous none, reason none",
                        "retry 5, executions 3, previous 429, reason 'App Error'",
                        "retry 6, executions 4, previous 302, reason 'App Error'");
        assertThat(worker.received())
                .extracting(request -> request.header("TaskQueue-Attempt") + "/"
                        + request.header("TaskQueue-Max-Attempts") + request.header("TaskQueue-Last-Attempt"))
                .containsExactly("1/7", "2/7", "3/7", "4/7", "5/7", "6/7", "7/7true");
        assertThat(worker.received())
                .allSatisfy(request -> assertThat(request.header("X-AppEngine-TaskETA"))
                        .isEqualTo(request.header("X-CloudTasks-TaskETA"))
                        .matches("[0-9]{10}\\.[0-9]+"));
        assertThat(status.path("dispatchCount").asInt()).isEqualTo(7);
        assertThat(status.path("responseCount").asInt()).isEqualTo(5);
    }

    @Test
    void allAttemptsOfATaskAreOneTraceAndEachIsASpanOfItsOwn() {
        worker.codes(500, 500, 200);
        cluster.task("a", task());
        cluster.task("b", task());
        cluster.awaitState("a", "Succeeded");
        cluster.awaitState("b", "Succeeded");
        for (String name : new String[] {"a", "b"}) {
            String trace = cluster.get(name).at("/metadata/uid").asText().replace("-", "");
            assertThat(worker.received(name))
                    .hasSize(3)
                    .allSatisfy(request -> assertThat(request.header("traceparent"))
                            .matches("00-" + trace + "-(?!0{16})[0-9a-f]{16}-01"));
        }
        assertThat(Stream.of("a", "b")
                        .flatMap(name -> worker.received(name).stream())
                        .map(request -> request.header("traceparent").split("-", -1)[2])
                        .collect(Collectors.toSet()))
                .hasSize(6);
    }

    @Test
    void aDateInRetryAfterIsWaitedFor() {
        var date = new AtomicReference<>(Instant.EPOCH);
        worker.script(request -> {
            if (!request.header("TaskQueue-Attempt").equals("1")) {
                return Answer.of(200);
            }
            date.set(Instant.now().plusSeconds(3).truncatedTo(ChronoUnit.SECONDS));
            String text = DateTimeFormatter.RFC_1123_DATE_TIME.format(date.get().atOffset(ZoneOffset.UTC));
            return new Answer(429, Map.of("Retry-After", text));
        });
        cluster.task("a", task());
        JsonNode attempts = cluster.awaitState("a", "Succeeded").path("attempts");
        Instant due = Instant.parse(attempts.get(1).path("scheduleTime").asText());
        assertThat(due).isAfterOrEqualTo(date.get());
        // The Task waits for this time and no other. The shortest backoff ends earlier, unless the answer took very
        // long, and the longest backoff is a minute.
        Instant answered = Instant.parse(attempts.get(0).path("responseTime").asText());
        assertThat(due).isBefore((answered.isAfter(date.get()) ? answered : date.get()).plusSeconds(1));
        assertThat(worker.received().getLast().at()).isAfterOrEqualTo(date.get());
    }

    @Test
    void aHandlerMayForbidFurtherAttemptsLater() {
        worker.script(request -> request.header("TaskQueue-Attempt").equals("3")
                ? new Answer(503, Map.of("taskqueue-no-retry", "TRUE", "Retry-After", "1"))
                : Answer.of(503));
        cluster.task("a", task());
        JsonNode status = cluster.awaitState("a", "Failed");
        assertThat(status.path("dispatchCount").asInt()).isEqualTo(3);
        assertThat(worker.received()).hasSize(3);
    }

    private static String cloudTasks(Received request) {
        return told(request, "X-CloudTasks-Task");
    }

    private static String appEngine(Received request) {
        return told(request, "X-AppEngine-Task");
    }

    private static String told(Received request, String prefix) {
        Map<String, String> headers = request.headers();
        return "retry %s, executions %s, previous %s, reason %s"
                .formatted(
                        headers.get(prefix + "RetryCount"),
                        headers.get(prefix + "ExecutionCount"),
                        headers.getOrDefault(prefix + "PreviousResponse", "none"),
                        headers.containsKey(prefix + "RetryReason")
                                ? "'" + headers.get(prefix + "RetryReason") + "'"
                                : "none");
    }

    private static String task() {
        return "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}";
    }
}
