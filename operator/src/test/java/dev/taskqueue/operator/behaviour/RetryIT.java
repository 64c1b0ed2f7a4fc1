package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TaskHistory;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What happens after a failed attempt. */
class RetryIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @Test
    void thePausesGrowAsThePolicySaysAndCountFromTheEndOfTheAttempt() {
        start("{minBackoff: 200ms, maxBackoff: 1s, maxDoublings: 1, maxAttempts: 6}");
        var ends = Collections.synchronizedList(new ArrayList<Long>());
        worker.script(request -> {
            // Long enough to distinguish the end of an attempt from its beginning.
            LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
            ends.add(System.nanoTime());
            return Answer.of(500);
        });
        cluster.task("a", task());
        cluster.awaitState("a", "Failed");
        List<Long> policy = List.of(200L, 400L, 800L, 1000L, 1000L);
        List<Received> received = worker.received();
        assertThat(received).hasSize(6);
        for (int i = 0; i < policy.size(); i++) {
            assertThat(Duration.ofNanos(received.get(i + 1).nanos() - ends.get(i)))
                    .isGreaterThanOrEqualTo(Duration.ofMillis(policy.get(i)));
        }
        assertPauses("a", policy.subList(1, 5));
    }

    /** Checks the pauses from the end of each attempt in the ring to the due time of the next one. */
    private void assertPauses(String task, List<Long> millis) {
        JsonNode attempts = cluster.status(task).path("attempts");
        assertThat(attempts).hasSize(millis.size() + 1);
        for (int i = 0; i < millis.size(); i++) {
            Duration pause =
                    Duration.between(time(attempts.get(i), "responseTime"), time(attempts.get(i + 1), "scheduleTime"));
            // The API server cuts a time in status to milliseconds, and the operator rounds a due time up to
            // milliseconds.
            assertThat(pause.toMillis()).isBetween(millis.get(i), millis.get(i) + 1);
        }
    }

    @Test
    void aFailedTasksStatusTellsItsAttemptsAndThatNothingMoreHappens() {
        start("{minBackoff: 10ms, maxBackoff: 10ms, maxAttempts: 7}");
        worker.codes(404, 429, 503, 302, 500, 503, 418);
        try (var history = new TaskHistory(cluster)) {
            cluster.task("a", task());
            JsonNode status = cluster.awaitState("a", "Failed");
            assertThat(StatusConditions.conditions(status))
                    .isEqualTo(Map.of(
                            "Accepted", "True Accepted",
                            "Finished", "True RetriesExhausted",
                            "Succeeded", "False RetriesExhausted",
                            "Stalled", "True RetriesExhausted"));
            assertThat(status.path("attempts"))
                    .extracting(attempt -> attempt.path("number").asInt() + " "
                            + attempt.path("statusCode").asInt() + " "
                            + attempt.path("reason").asText())
                    .containsExactly(
                            "3 503 Unavailable",
                            "4 302 Redirect",
                            "5 500 ServerError",
                            "6 503 Unavailable",
                            "7 418 ClientError");
            assertThat(status.path("lastAttempt"))
                    .isEqualTo(status.path("attempts").get(4));
            assertThat(status.path("dispatchCount").asInt()).isEqualTo(7);
            assertThat(status.path("responseCount").asInt()).isEqualTo(7);
            assertThat(status.path("executionCount").asInt()).isEqualTo(4);
            assertThat(status.has("nextAttemptTime")).isFalse();
            assertThat(StatusConditions.message(status)).startsWith("Given up after 7 attempts");
            List<JsonNode> written = history.versions().stream()
                    .map(TaskHistory.Version::status)
                    .filter(version -> version.has("lastAttempt"))
                    .toList();
            assertThat(written.getFirst().path("state").asText()).isEqualTo("BackingOff");
            assertThat(written.getFirst().has("nextAttemptTime")).isTrue();
            assertThat(written.getFirst().has("attempts") || written.getFirst().has("firstAttempt"))
                    .isFalse();
            assertThat(written.get(1).path("attempts")).hasSize(2);
            assertThat(written.get(1).at("/firstAttempt/dispatchTime"))
                    .isEqualTo(written.getFirst().at("/lastAttempt/dispatchTime"));
        }
    }

    @Test
    void withWhenBothTheAttemptsAreAFloor() {
        start("{minBackoff: 250ms, maxBackoff: 250ms, maxAttempts: 2, maxRetryDuration: 1s}");
        worker.codes(500);
        cluster.task("a", task());
        JsonNode status = cluster.awaitState("a", "Failed");
        assertThat(status.path("dispatchCount").asInt()).isGreaterThanOrEqualTo(2);
        assertThat(age(status)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        JsonNode beforeLast =
                status.path("attempts").get(status.path("attempts").size() - 2);
        assertThat(Duration.between(
                        time(status.path("firstAttempt"), "dispatchTime"), time(beforeLast, "responseTime")))
                .isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void withWhenEitherTheFirstLimitThatIsReachedEndsIt() {
        start("{giveUp: WhenEither, minBackoff: 100ms, maxBackoff: 100ms, maxAttempts: 2, maxRetryDuration: 1h}");
        cluster.queue(
                "aged",
                "{retry: {giveUp: WhenEither, minBackoff: 100ms, maxBackoff: 100ms, maxAttempts: 1000, maxRetryDuration: 500ms}}");
        worker.codes(500);
        cluster.task("by-attempts", task());
        cluster.task("by-age", task().replace("orders", "aged"));
        assertThat(cluster.awaitState("by-attempts", "Failed")
                        .path("dispatchCount")
                        .asInt())
                .isEqualTo(2);
        JsonNode aged = cluster.awaitState("by-age", "Failed");
        assertThat(aged.path("dispatchCount").asInt()).isLessThan(1000);
        assertThat(age(aged)).isGreaterThanOrEqualTo(Duration.ofMillis(500));
    }

    @Test
    void whatCannotBeRetriedFailsAtOnce() {
        start("{nonRetryableStatusCodes: [404, 410]}");
        worker.script(request -> switch (request.task()) {
            case "listed" -> Answer.of(410);
            case "asked" -> new Answer(500, Map.of("TaskQueue-No-Retry", "true"));
            default -> Answer.of(200);
        });
        for (String name : List.of("listed", "asked")) {
            cluster.task(name, task());
            JsonNode status = cluster.awaitState(name, "Failed");
            assertThat(StatusConditions.conditions(status)).containsEntry("Succeeded", "False NonRetryable");
            assertThat(status.path("dispatchCount").asInt()).isEqualTo(1);
        }
    }

    @Test
    void retryAfterIsHonouredUpToTheLongestBackoffAndNeverShortens() {
        start("{minBackoff: 500ms, maxBackoff: 2s, maxAttempts: 4}");
        worker.script(request -> switch (request.header("TaskQueue-Attempt")) {
            case "1" -> new Answer(503, Map.of("Retry-After", "1"));
            case "2" -> new Answer(429, Map.of("Retry-After", "3600"));
            case "3" -> new Answer(429, Map.of("Retry-After", "0"));
            default -> Answer.of(200);
        });
        cluster.task("a", task());
        cluster.awaitState("a", "Succeeded");
        assertPauses("a", List.of(1000L, 2000L, 2000L));
    }

    @Test
    void noAnswerWithinTheDeadlineIsAnAttemptWithoutAnAnswer() {
        start("{maxAttempts: 1}");
        var never = new CountDownLatch(1);
        worker.script(request -> {
            never.await();
            return Answer.of(200);
        });
        cluster.task(
                "a", "{queueRef: {name: orders}, dispatchDeadline: 1s, httpRequest: {serviceRef: {name: worker}}}");
        JsonNode status = cluster.awaitState("a", "Failed");
        never.countDown();
        JsonNode last = status.path("lastAttempt");
        assertThat(last.path("reason").asText()).isEqualTo("DeadlineExceeded");
        assertThat(last.has("statusCode")).isFalse();
        assertThat(Duration.between(time(last, "dispatchTime"), time(last, "responseTime")))
                .isGreaterThanOrEqualTo(Duration.ofMillis(999));
        assertThat(status.path("responseCount").asInt()).isZero();
        Received request = worker.received().getFirst();
        assertThat(Instant.parse(request.header("TaskQueue-Deadline")))
                .isEqualTo(time(last, "dispatchTime").plusSeconds(1));
        assertThat(request.header("TaskQueue-Last-Attempt")).isEqualTo("true");
    }

    @Test
    void aRefusedConnectionIsAnAttemptAndTheHandlerLearnsOfIt() {
        start("{minBackoff: 100ms, maxBackoff: 100ms, maxAttempts: 1000}");
        RecordingWorker down = cluster.worker("down");
        down.close();
        cluster.task("a", task().replace("worker", "down"));
        JsonNode status = cluster.awaitState("a", "BackingOff");
        assertThat(status.at("/lastAttempt/reason").asText()).isEqualTo("ConnectionRefused");
        assertThat(StatusConditions.message(status)).contains("down." + cluster.namespace() + ".svc:" + down.port());
        cluster.workerAt(down.address(), down.port());
        cluster.awaitState("a", "Succeeded");
    }

    @Test
    void handlersLearnWhichAttemptIsTheLast() {
        start("{minBackoff: 10ms, maxAttempts: 3}");
        worker.codes(500);
        cluster.task("a", task());
        cluster.awaitState("a", "Failed");
        assertThat(worker.received())
                .extracting(request -> request.header("TaskQueue-Attempt") + " of "
                        + request.header("TaskQueue-Max-Attempts") + " " + request.header("TaskQueue-Last-Attempt"))
                .containsExactly("1 of 3 ", "2 of 3 ", "3 of 3 true");
    }

    private void start(String retry) {
        cluster.queue("orders", "{throttling: Disabled, retry: " + retry + "}");
        cluster.operator();
    }

    private static String task() {
        return "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}";
    }

    /** The time from the first dispatch to the end. */
    private static Duration age(JsonNode status) {
        return Duration.between(time(status.path("firstAttempt"), "dispatchTime"), time(status, "completionTime"));
    }

    private static Instant time(JsonNode parent, String field) {
        return Instant.parse(parent.path(field).asText());
    }
}
