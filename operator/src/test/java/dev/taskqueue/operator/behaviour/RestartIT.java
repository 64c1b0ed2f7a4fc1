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
import org.junit.jupiter.api.Test;

/** The packaged operator as a process that crashes or is asked to stop, and one that comes after it. */
class RestartIT {
    @AutoClose
    private final TestCluster stage = new TestCluster();

    private final RecordingWorker worker = stage.worker("worker");

    @Test
    void aCrashLosesNothingAndRepeatsOnlyWhatWasInFlight() {
        stage.queue("orders", "{throttling: Disabled, retry: {minBackoff: 4s, maxAttempts: 2}}");
        stage.queue("quick", "{retry: {minBackoff: 10ms, maxAttempts: 2}}");
        stage.queue("paused", "{state: Paused}");
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
        OperatorProcess first = stage.process();
        stage.task("done", task("orders", ""));
        stage.task("fails", task("quick", ""));
        stage.task("backing-off", task("orders", ""));
        stage.task("paused", task("paused", ""));
        stage.task("scheduled", task("orders", "delay: 6s, "));
        stage.task("flying-told", task("quick", ""));
        stage.awaitState("done", "Succeeded");
        stage.awaitState("fails", "Failed");
        stage.awaitState("flying-told", "Dispatching");
        Instant next = Instant.parse(stage.awaitState("backing-off", "BackingOff")
                .path("nextAttemptTime")
                .asText());
        stage.task("flying-untold", task("quick", ""));
        await().until(() -> !worker.received("flying-untold").isEmpty());
        first.kill();
        crashed.set(true);
        int before = worker.received().size();

        stage.process("SHUTDOWN_GRACE=1s");
        stage.patchQueue("paused", "{spec: {state: Running}}");
        for (String name : List.of("backing-off", "paused", "scheduled", "flying-told", "flying-untold")) {
            stage.awaitState(name, "Succeeded");
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
        assertThat(stage.status("fails").path("state").asText()).isEqualTo("Failed");
    }

    /** What was backing off goes on counting, and not before its time. */
    private void assertGoesOn(Instant next) {
        var retry = worker.received("backing-off").getLast();
        assertThat(worker.received("backing-off")).hasSize(2);
        assertThat(retry.at()).isAfterOrEqualTo(next);
        assertThat(retry.header("X-CloudTasks-TaskRetryCount")).isEqualTo("1");
        assertThat(retry.header("X-CloudTasks-TaskPreviousResponse")).isEqualTo("503");
        assertThat(retry.header("TaskQueue-Last-Attempt")).isEqualTo("true");
        JsonNode status = stage.status("backing-off");
        assertThat(status.path("dispatchCount").asInt()).isEqualTo(2);
        assertThat(status.path("responseCount").asInt()).isEqualTo(2);
    }

    /** A claim is an attempt of which nobody knows the outcome. */
    private void assertIsInterrupted() {
        JsonNode status = stage.status("flying-told");
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
        stage.queue("orders", "{rateLimits: {maxConcurrentDispatches: 1}}");
        var release = new CountDownLatch(1);
        worker.script(request -> {
            if (request.task().equals("flying")) {
                release.await();
            }
            return Answer.of(200);
        });
        OperatorProcess first = stage.process("SHUTDOWN_GRACE=30s");
        stage.task("flying", task("orders", ""));
        await().until(() -> worker.open() == 1);
        stage.task("next", task("orders", ""));
        stage.awaitState("next", "Queued");
        first.terminate();
        await().until(() -> first.log().contains("Stopping"));
        stage.task("created-meanwhile", task("orders", ""));
        // The claim of what stays in flight is written before the wait for its end.
        stage.await("flying", status -> status.has("claim"), "claimed");
        assertThat(first.isAlive()).isTrue();
        release.countDown();
        assertThat(first.exitCode()).isIn(0, 143);
        assertThat(stage.status("flying").path("state").asText()).isEqualTo("Succeeded");
        assertThat(stage.status("flying").path("dispatchCount").asInt()).isEqualTo(1);
        assertThat(worker.tasks()).containsExactly("flying");

        stage.process();
        stage.awaitState("next", "Succeeded");
        stage.awaitState("created-meanwhile", "Succeeded");
        assertThat(worker.tasks()).containsExactlyInAnyOrder("flying", "next", "created-meanwhile");
    }

    @Test
    void whatDoesNotEndWithinTheGraceIsLeftToTheSuccessorUntilItsDeadline() {
        stage.queue("orders", "{retry: {minBackoff: 10ms}}");
        var never = new CountDownLatch(1);
        var crashed = new AtomicBoolean();
        worker.script(request -> {
            if (!crashed.get()) {
                never.await();
            }
            return Answer.of(200);
        });
        OperatorProcess first = stage.process("SHUTDOWN_GRACE=2s");
        stage.task("a", task("orders", "dispatchDeadline: 20m, "));
        await().until(() -> worker.open() == 1);
        first.terminate();
        assertThat(first.exitCode()).isIn(0, 143);
        crashed.set(true);
        assertThat(stage.status("a").at("/claim/attempt").asInt()).isEqualTo(1);
        stage.process("SHUTDOWN_GRACE=2s");
        JsonNode status = stage.awaitState("a", "Succeeded");
        never.countDown();
        assertThat(status.at("/attempts/0/reason").asText()).isEqualTo("Interrupted");
        assertThat(status.path("dispatchCount").asInt()).isEqualTo(2);
    }

    private static String task(String queue, String more) {
        return "{queueRef: {name: " + queue + "}, " + more + "httpRequest: {serviceRef: {name: worker}}}";
    }
}
