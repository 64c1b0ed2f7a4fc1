package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The packaged operator runs as a process that crashes or is stopped, and another process follows it. */
@Order(TestCluster.LONG_FIRST)
class RestartIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @Test
    void aCrashLosesNothingAndRepeatsOnlyWhatWasInFlight() {
        cluster.queue("orders", "{throttling: Disabled, retry: {minBackoff: 4s, maxAttempts: 2}}");
        cluster.queue("quick", "{retry: {minBackoff: 10ms, maxAttempts: 2}}");
        cluster.queue("paused", "{state: Paused}");
        var never = new CountDownLatch(1);
        var crashed = new AtomicBoolean();
        worker.script(request -> {
            boolean again = crashed.get();
            if (request.task().startsWith("flying") && !again) {
                never.await();
            }
            return Answer.of(
                    request.task().equals("fails") || (request.task().equals("backing-off") && !again) ? 503 : 200);
        });
        OperatorProcess first = cluster.process();
        cluster.task("done", task("orders", ""));
        cluster.task("fails", task("quick", ""));
        cluster.task("backing-off", task("orders", ""));
        cluster.task("paused", task("paused", ""));
        cluster.task("scheduled", task("orders", "delay: 6s, "));
        cluster.task("flying-told", task("quick", ""));
        cluster.awaitState("done", "Succeeded");
        cluster.awaitState("fails", "Failed");
        cluster.awaitState("flying-told", "Dispatching");
        Instant next = Instant.parse(cluster.awaitState("backing-off", "BackingOff")
                .path("nextAttemptTime")
                .asText());
        cluster.task("flying-untold", task("quick", ""));
        await().until(() -> !worker.received("flying-untold").isEmpty());
        first.kill();
        crashed.set(true);
        int before = worker.received().size();

        cluster.process("SHUTDOWN_GRACE=1s");
        cluster.patchQueue("paused", "{spec: {state: Running}}");
        for (String name : List.of("backing-off", "paused", "scheduled", "flying-told", "flying-untold")) {
            cluster.awaitState(name, "Succeeded");
        }
        never.countDown();
        assertThat(worker.received("done")).hasSize(1);
        assertThat(worker.received("fails")).hasSize(2);
        assertThat(worker.received("paused")).hasSize(1);
        assertThat(worker.received("scheduled")).hasSize(1);
        assertThat(worker.received("flying-told")).hasSize(2);
        assertThat(worker.received("flying-untold")).hasSize(2);
        assertThat(worker.received()).hasSizeLessThanOrEqualTo(before + 5);

        assertGoesOn(next);
        assertIsInterrupted();
        assertThat(cluster.status("fails").path("state").asText()).isEqualTo("Failed");
    }

    /** The Task that was backing off keeps its counters, and is not sent before its time. */
    private void assertGoesOn(Instant next) {
        var retry = worker.received("backing-off").getLast();
        assertThat(worker.received("backing-off")).hasSize(2);
        assertThat(retry.at()).isAfterOrEqualTo(next);
        assertThat(retry.header("X-CloudTasks-TaskRetryCount")).isEqualTo("1");
        assertThat(retry.header("X-CloudTasks-TaskPreviousResponse")).isEqualTo("503");
        assertThat(retry.header("TaskQueue-Last-Attempt")).isEqualTo("true");
        JsonNode status = cluster.status("backing-off");
        assertThat(status.path("dispatchCount").asInt()).isEqualTo(2);
        assertThat(status.path("responseCount").asInt()).isEqualTo(2);
    }

    /** A claim counts as an attempt with an unknown outcome. */
    private void assertIsInterrupted() {
        JsonNode status = cluster.status("flying-told");
        assertThat(status.path("dispatchCount").asInt()).isEqualTo(2);
        assertThat(status.path("responseCount").asInt()).isEqualTo(1);
        JsonNode interrupted = status.path("attempts").get(0);
        assertThat(interrupted.path("number").asInt()).isEqualTo(1);
        assertThat(interrupted.path("reason").asText()).isEqualTo("Interrupted");
        assertThat(interrupted.has("responseTime")).isFalse();
        assertThat(worker.received("flying-told").getLast().header("TaskQueue-Attempt"))
                .isEqualTo("2");
        assertThat(status.has("claim")).isFalse();
    }

    @Test
    void askedToStopItFinishesWhatIsInFlightAndBeginsNothing() {
        cluster.queue("orders", "{rateLimits: {maxConcurrentDispatches: 1}}");
        var release = new CountDownLatch(1);
        worker.script(request -> {
            if (request.task().equals("flying")) {
                release.await();
            }
            return Answer.of(200);
        });
        OperatorProcess first = cluster.process("SHUTDOWN_GRACE=30s");
        cluster.task("flying", task("orders", ""));
        await().until(() -> worker.open() == 1);
        cluster.task("next", task("orders", ""));
        cluster.awaitState("next", "Queued");
        first.terminate();
        await().until(() -> first.log().contains("Stopping"));
        cluster.task("created-meanwhile", task("orders", ""));
        // The operator writes the claim of a request in flight before it waits for the request's end.
        cluster.await("flying", status -> status.has("claim"), "claimed");
        assertThat(first.isAlive()).isTrue();
        release.countDown();
        assertThat(first.exitCode()).isIn(0, 143);
        assertThat(cluster.status("flying").path("state").asText()).isEqualTo("Succeeded");
        assertThat(cluster.status("flying").path("dispatchCount").asInt()).isEqualTo(1);
        assertThat(worker.tasks()).containsExactly("flying");

        cluster.process();
        cluster.awaitState("next", "Succeeded");
        cluster.awaitState("created-meanwhile", "Succeeded");
        assertThat(worker.tasks()).containsExactlyInAnyOrder("flying", "next", "created-meanwhile");
    }

    @Test
    void whatDoesNotEndWithinTheGraceIsLeftToTheSuccessorUntilItsDeadline() {
        cluster.queue("orders", "{retry: {minBackoff: 10ms}}");
        var never = new CountDownLatch(1);
        var crashed = new AtomicBoolean();
        worker.script(request -> {
            if (!crashed.get()) {
                never.await();
            }
            return Answer.of(200);
        });
        OperatorProcess first = cluster.process("SHUTDOWN_GRACE=2s");
        cluster.task("a", task("orders", "dispatchDeadline: 20m, "));
        await().until(() -> worker.open() == 1);
        first.terminate();
        assertThat(first.exitCode()).isIn(0, 143);
        crashed.set(true);
        assertThat(cluster.status("a").at("/claim/attempt").asInt()).isEqualTo(1);
        cluster.process("SHUTDOWN_GRACE=2s");
        JsonNode status = cluster.awaitState("a", "Succeeded");
        never.countDown();
        assertThat(status.at("/attempts/0/reason").asText()).isEqualTo("Interrupted");
        assertThat(status.path("dispatchCount").asInt()).isEqualTo(2);
    }

    private static String task(String queue, String more) {
        return "{queueRef: {name: " + queue + "}, " + more + "httpRequest: {serviceRef: {name: worker}}}";
    }
}
