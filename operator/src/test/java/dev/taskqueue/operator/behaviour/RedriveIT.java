package dev.taskqueue.operator.behaviour;

import static dev.taskqueue.operator.testing.TestCluster.names;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** {@code kubectl annotate ... taskqueue.dev/redrive=...} on a Task. */
class RedriveIT {
    private static final String TASK = "{queueRef: {name: q}, httpRequest: {serviceRef: {name: worker}}}";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @Test
    void aFailedTaskStartsAgainWithFreshAttemptsAndKeepsItsHistory() {
        start("{retry: {maxAttempts: 2, minBackoff: 10ms}}");
        worker.codes(500, 503, 404, 200);
        cluster.task("a", TASK);
        cluster.awaitState("a", "Failed");
        redrive("a", "after-fix");
        JsonNode status = cluster.awaitState("a", "Succeeded");
        assertThat(status.path("dispatchCount").asInt()).isEqualTo(4);
        assertThat(status.path("attempts").findValuesAsText("statusCode")).containsExactly("500", "503", "404", "200");
        assertThat(status.path("round").path("number").asInt()).isEqualTo(2);
        assertThat(status.path("round").path("attempts").asInt()).isEqualTo(2);
        assertThat(status.path("lastHandledRedrive").asText()).isEqualTo("after-fix");
        assertThat(StatusConditions.conditions(status))
                .isEqualTo(Map.of(
                        "Accepted", "True Accepted", "Finished", "True Delivered", "Succeeded", "True Delivered"));
        assertThat(worker.received("a").stream().map(request -> request.header("TaskQueue-Attempt")))
                .containsExactly("1", "2", "1", "2");
        assertThat(worker.received("a").stream().map(request -> request.header("X-CloudTasks-TaskRetryCount")))
                .containsExactly("0", "1", "0", "1");
        assertThat(worker.received("a").stream().map(request -> request.header("X-CloudTasks-TaskExecutionCount")))
                .containsExactly("0", "0", "0", "1");
        assertThat(worker.received("a").get(2).headers()).doesNotContainKey("X-CloudTasks-TaskPreviousResponse");
        Received last = worker.received("a").getLast();
        assertThat(last.header("X-CloudTasks-TaskPreviousResponse")).isEqualTo("404");
    }

    @Test
    void theSameValueStartsItOnceAlsoAfterARestart() {
        start("{retry: {maxAttempts: 1}}");
        worker.codes(500);
        cluster.task("a", TASK);
        cluster.awaitState("a", "Failed");
        redrive("a", "1");
        cluster.await("a", this::failedTwice, "failed twice");
        redrive("a", "1");
        cluster.patch("tasks.taskqueue.dev", "a", "{metadata: {labels: {team: shop}}}");
        cluster.stopLast();
        cluster.operator();
        cluster.task("b", TASK);
        cluster.awaitState("b", "Failed");
        assertThat(worker.received("a")).hasSize(2);
        redrive("a", "2");
        cluster.await("a", status -> status.path("round").path("number").asInt() == 3, "in its third round");
    }

    @Test
    void whatAnOperatorDidNotLiveToSeeTheNextOneDoes() {
        start("{retry: {maxAttempts: 1}}");
        worker.codes(500, 200);
        cluster.task("a", TASK);
        cluster.awaitState("a", "Failed");
        cluster.stopLast();
        redrive("a", "1");
        cluster.operator();
        cluster.awaitState("a", "Succeeded");
        assertThat(worker.received("a")).hasSize(2);
    }

    @Test
    void anythingButAFailedTaskIsLeftAlone() {
        start("{retry: {maxAttempts: 1, minBackoff: 10ms}}");
        worker.codes(200);
        cluster.task("done", TASK);
        cluster.awaitState("done", "Succeeded");
        redrive("done", "1");
        cluster.task("later", "{queueRef: {name: q}, delay: 3s, httpRequest: {serviceRef: {name: worker}}}");
        cluster.awaitState("later", "Scheduled");
        redrive("later", "1");
        worker.codes(500);
        JsonNode status = cluster.awaitState("later", "Failed");
        assertThat(status.path("lastHandledRedrive").asText()).isEqualTo("1");
        cluster.patch("tasks.taskqueue.dev", "later", "{metadata: {labels: {team: shop}}}");
        cluster.task("after", TASK);
        cluster.awaitState("after", "Failed");
        assertThat(worker.received("done")).hasSize(1);
        assertThat(worker.received("later")).hasSize(1);
    }

    @Test
    void anExpiredTaskHasItsTimeAnew() {
        start("{state: Paused, retention: {unfinished: 3s}}");
        cluster.task("a", TASK);
        JsonNode failed = cluster.awaitState("a", "Failed");
        assertThat(StatusConditions.conditions(failed)).containsEntry("Finished", "True Expired");
        cluster.patchQueue("q", "{spec: {state: Running}}");
        redrive("a", "1");
        JsonNode status = cluster.awaitState("a", "Succeeded");
        assertThat(status.path("round").path("attempts").asInt()).isEqualTo(1);
    }

    @Test
    void aTaskThatIsStartedAgainWaitsForItsTurnAndSaysSo() {
        start("{retry: {maxAttempts: 1}}");
        worker.codes(500, 200);
        cluster.task("a", TASK);
        cluster.awaitState("a", "Failed");
        cluster.patchQueue("q", "{spec: {state: Paused}}");
        cluster.awaitQueueState("q", "Paused");
        redrive("a", "1");
        JsonNode status = cluster.awaitState("a", "Queued");
        assertThat(StatusConditions.conditions(status))
                .isEqualTo(
                        Map.of("Accepted", "True Accepted", "Finished", "False Queued", "Succeeded", "Unknown Queued"));
        assertThat(StatusConditions.message(status)).contains("Started again at");
        assertThat(status.has("completionTime")).isFalse();
        cluster.stopLast();
        cluster.operator();
        cluster.patchQueue("q", "{spec: {state: Running}}");
        cluster.awaitState("a", "Succeeded");
    }

    @Test
    void allFailedTasksOfAQueueStartAgainAtItsRateOnce() {
        start("{retry: {maxAttempts: 1}, rateLimits: {maxDispatchesPerSecond: 10, maxBurstSize: 1}}");
        worker.codes(500, 500, 200);
        var names = names("t", 12);
        cluster.tasks(names, TASK);
        names.forEach(name -> cluster.awaitState(name, "Failed"));
        redriveQueue("1");
        JsonNode redrive = awaitRedriven("1");
        assertThat(redrive.path("remaining").asInt(-1)).isZero();
        names.forEach(name -> cluster.await(name, this::failedTwice, "failed twice"));
        // Tasks that failed once more are not started again for the same value.
        redriveQueue("1");
        cluster.patchQueue("q", "{metadata: {labels: {team: shop}}}");
        redriveQueue("2");
        awaitRedriven("2");
        names.forEach(name -> cluster.awaitState(name, "Succeeded"));
        List<Received> all = worker.received();
        assertThat(all).hasSize(36);
        // In each round, all requests except the first one had to wait for a token: 11 tokens at 10 per second.
        assertThat(Duration.ofNanos(all.get(23).nanos() - all.get(12).nanos())).isGreaterThan(Duration.ofMillis(1050));
    }

    @Test
    void aRedriveHalfWayGoesOnWithThoseThatHadFailedWhenItBegan() {
        start("{retry: {maxAttempts: 1}}");
        worker.codes(500, 200);
        cluster.task("before", TASK);
        Instant failedAt = Instant.parse(
                cluster.awaitState("before", "Failed").path("completionTime").asText());
        cluster.task("after", TASK);
        cluster.awaitState("after", "Failed");
        cluster.stopLast();
        redriveQueue("1");
        cluster.kubectl(
                "patch",
                "tq",
                "q",
                "--subresource=status",
                "--type=merge",
                "-p",
                "{\"status\": {\"redrive\": {\"value\": \"1\", \"startTime\": \"" + failedAt + "\"}}}");
        cluster.operator();
        cluster.awaitState("before", "Succeeded");
        awaitRedriven("1");
        assertThat(cluster.status("after").path("state").asText()).isEqualTo("Failed");
        assertThat(worker.received("after")).hasSize(1);
    }

    private void redriveQueue(String value) {
        cluster.annotateQueue("q", "taskqueue.dev/redrive=" + value);
    }

    private JsonNode awaitRedriven(String value) {
        return cluster.awaitQueue(
                        "q",
                        status -> status.at("/redrive/value").asText().equals(value)
                                && status.path("redrive").has("completionTime"))
                .path("redrive");
    }

    private boolean failedTwice(JsonNode status) {
        return status.path("state").asText().equals("Failed")
                && status.path("dispatchCount").asInt() == 2;
    }

    private void start(String queue) {
        cluster.queue("q", queue);
        cluster.operator();
    }

    private void redrive(String task, String value) {
        cluster.annotateTask(task, "taskqueue.dev/redrive=" + value);
    }
}
