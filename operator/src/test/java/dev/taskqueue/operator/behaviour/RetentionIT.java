package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.TaskHistory;
import dev.taskqueue.operator.testing.TestCluster;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long a finished Task is kept. Its name is not free before the Task is deleted. */
class RetentionIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void start() {
        cluster.operator();
    }

    @Test
    void theNameIsTakenAsLongAsTheTaskIsKept() {
        cluster.queue("orders", "{}");
        cluster.task("a", task(""));
        cluster.awaitState("a", "Succeeded");
        assertThatThrownBy(() -> cluster.task("a", task("")))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        refusal -> assertThat(refusal.getCode()).isEqualTo(409));
        assertThat(worker.received()).hasSize(1);
    }

    @Test
    void finishedTasksGoWhenTheirTimeIsOverAndTheirNamesAreFree() {
        cluster.queue(
                "orders", "{retry: {giveUp: WhenEither, maxAttempts: 1}, retention: {succeeded: 1s, failed: 2s}}");
        worker.script(request -> Answer.of(request.task().equals("fails") ? 500 : 200));
        for (String name : List.of("succeeds", "fails")) {
            try (var history = new TaskHistory(cluster)) {
                cluster.task(name, task(""));
                cluster.awaitGone(name);
                Instant gone = Instant.now();
                await().until(() -> history.of(name).size() == 3);
                Instant ended = Instant.parse(history.versions()
                        .get(1)
                        .status()
                        .path("completionTime")
                        .asText());
                assertThat(Duration.between(ended, gone))
                        .isGreaterThanOrEqualTo(Duration.ofSeconds(name.equals("fails") ? 2 : 1));
            }
        }
        cluster.task("succeeds", task(""));
        await().until(() -> worker.received("succeeds").size() == 2);
    }

    @Test
    void whatIsNotKeptIsDeletedWithoutAnyStatusWrite() {
        cluster.queue("orders", "{retention: {succeeded: 0s}}");
        try (var history = new TaskHistory(cluster)) {
            cluster.task("a", task(""));
            cluster.awaitGone("a");
            await().until(() -> history.of("a").size() > 1);
            assertThat(history.of("a")).containsExactly("ADDED Pending", "DELETED Pending");
        }
        assertThat(worker.received()).hasSize(1);
    }

    @Test
    void theTasksOwnTimeWinsOverItsQueues() {
        cluster.queue("orders", "{}");
        cluster.queue("nothing", "{retention: {succeeded: 0s}}");
        cluster.task("short", task("ttlAfterFinished: 1s, "));
        cluster.task("gone", task("ttlAfterFinished: 0s, "));
        cluster.task("long", task("ttlAfterFinished: 1h, ").replace("orders", "nothing"));
        cluster.awaitState("long", "Succeeded");
        cluster.awaitGone("short");
        cluster.awaitGone("gone");
        assertThat(worker.tasks()).containsExactlyInAnyOrder("short", "gone", "long");
        assertThat(cluster.status("long").path("state").asText()).isEqualTo("Succeeded");
    }

    @Test
    void theOldestGoEarlierWhereThereAreTooMany() {
        cluster.queue("orders", "{rateLimits: {maxConcurrentDispatches: 1}, retention: {maxSucceeded: 2}}");
        for (String name : List.of("a", "b", "c", "d")) {
            cluster.task(name, task(""));
            cluster.await(name, status -> !worker.received(name).isEmpty(), "delivered");
        }
        cluster.awaitGone("a");
        cluster.awaitGone("b");
        cluster.awaitState("c", "Succeeded");
        cluster.awaitState("d", "Succeeded");
    }

    @Test
    void whatKubectlAppliesStaysUnlessItSaysHowLong() {
        cluster.queue("orders", "{retention: {succeeded: 0s}}");
        apply("kept", "");
        apply("timed", "ttlAfterFinished: 1s, ");
        cluster.awaitState("kept", "Succeeded");
        cluster.awaitGone("timed");
        // The collector has run by now.
        assertThat(cluster.status("kept").path("state").asText()).isEqualTo("Succeeded");
        apply("kept", "");
        assertThat(worker.received("kept")).hasSize(1);
    }

    private void apply(String name, String more) {
        cluster.kubectlWithInput(
                "---\napiVersion: taskqueue.dev/v1beta1\nkind: Task\nmetadata: {name: %s}\nspec: %s\n"
                        .formatted(name, task(more)),
                "apply",
                "-f",
                "-");
    }

    @Test
    void deletingAWaitingTaskCancelsIt() {
        cluster.queue("orders", "{retry: {minBackoff: 6s}}");
        cluster.queue("paused", "{state: Paused}");
        worker.codes(500);
        Instant due = Instant.now().plusSeconds(10);
        cluster.task("scheduled", task("scheduleTime: '%s', ".formatted(due)));
        cluster.task("backing-off", task(""));
        cluster.task("blocked", task("").replace("worker", "none"));
        cluster.task("queued", task("").replace("orders", "paused"));
        cluster.awaitState("scheduled", "Scheduled");
        JsonNode failed = cluster.awaitState("backing-off", "BackingOff");
        cluster.awaitReason("blocked", "TargetNotFound");
        cluster.awaitState("queued", "Queued");
        int before = worker.received().size();
        assertThat(Instant.parse(failed.path("nextAttemptTime").asText())).isAfter(Instant.now());
        Stream.of("scheduled", "backing-off", "blocked", "queued").forEach(cluster::deleteTask);
        // The test provides everything that they waited for. A last Task is due after all of them: once it was sent,
        // their times have passed.
        cluster.patchQueue("paused", "{spec: {state: Running}}");
        RecordingWorker none = cluster.worker("none");
        cluster.task("last", task("scheduleTime: '%s', ".formatted(due.plusSeconds(1))));
        cluster.await("last", status -> !worker.received("last").isEmpty(), "delivered");
        assertThat(worker.tasks().stream().filter(task -> !task.equals("last"))).hasSize(before);
        assertThat(none.received()).isEmpty();
        assertThat(cluster.tasks())
                .extracting(task -> task.at("/metadata/name").asText())
                .containsExactly("last");
    }

    @Test
    void ofATaskThatIsDeletedInFlightTheOutcomeIsDroppedAndItsSlotKept() {
        var answers = new java.util.concurrent.Semaphore(0);
        worker.script(request -> {
            answers.acquire();
            return Answer.of(
                    request.header("TaskQueue-Attempt").equals("1")
                                    && worker.received().size() == 1
                            ? 500
                            : 200);
        });
        cluster.queue("orders", "{rateLimits: {maxConcurrentDispatches: 1}, retry: {minBackoff: 10ms}}");
        cluster.task("a", task(""));
        await().until(() -> worker.open() == 1);
        String first = worker.received().getFirst().header("Idempotency-Key");
        cluster.deleteTask("a");
        cluster.awaitGone("a");
        cluster.task("a", task(""));
        cluster.awaitState("a", "Queued");
        assertThat(worker.received()).hasSize(1);
        answers.release(10);
        JsonNode status = cluster.awaitState("a", "Succeeded");
        assertThat(status.path("dispatchCount").asInt()).isEqualTo(1);
        assertThat(worker.received()).hasSize(2);
        assertThat(worker.received().getLast().header("Idempotency-Key"))
                .isNotEqualTo(first)
                .isEqualTo(cluster.get("a").at("/metadata/uid").asText());
    }

    private static String task(String more) {
        return "{queueRef: {name: orders}, " + more + "httpRequest: {serviceRef: {name: worker}}}";
    }
}
