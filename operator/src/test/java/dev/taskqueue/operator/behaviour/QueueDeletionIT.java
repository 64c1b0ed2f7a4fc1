package dev.taskqueue.operator.behaviour;

import static dev.taskqueue.operator.testing.TestCluster.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A queue is deleted while it has Tasks: none is lost, none goes without it. */
class QueueDeletionIT {
    private static final String ORDERS = "{rateLimits: {maxConcurrentDispatches: 1}, retry: {minBackoff: 2s}}";

    @AutoClose
    private final TestCluster stage = new TestCluster();

    private final RecordingWorker worker = stage.worker("worker");

    @BeforeEach
    void start() {
        stage.queue("orders", ORDERS);
        stage.queue("other", "{}");
        stage.operator();
    }

    @Test
    void itsTasksWaitForAQueueOfItsNameAndGoOnWithIt() {
        var release = new CountDownLatch(1);
        worker.script(request -> switch (request.task()) {
            case "failing" ->
                Answer.of(request.header("X-CloudTasks-TaskRetryCount").equals("0") ? 500 : 200);
            case "flying" -> {
                release.await();
                yield Answer.of(200);
            }
            default -> Answer.of(200);
        });
        stage.task("failing", task("orders"));
        JsonNode failed = stage.awaitState("failing", "BackingOff");
        stage.task("flying", task("orders"));
        await().until(() -> worker.open() == 1);
        stage.task("scheduled", task("orders").replace("{queueRef", "{delay: 1h, queueRef"));
        stage.awaitState("scheduled", "Scheduled");
        List<String> queued = names("queued", 20);
        stage.tasks(queued, task("orders"));

        stage.kubectl("delete", "tq", "orders");
        for (String name : List.of("failing", "scheduled", "queued-0", "queued-19")) {
            JsonNode status = stage.awaitReason(name, "QueueNotFound");
            assertThat(StatusConditions.conditions(status)).containsEntry("Accepted", "False QueueNotFound");
            assertThat(StatusConditions.message(status)).contains(stage.namespace() + "/orders does not exist");
        }
        release.countDown();
        stage.awaitState("flying", "Succeeded");
        // By then the retry is due, and the slot is free.
        Instant later = Instant.parse(failed.path("nextAttemptTime").asText()).plus(Duration.ofSeconds(1));
        stage.task("later", task("other").replace("{queueRef", "{scheduleTime: '%s', queueRef".formatted(later)));
        stage.awaitState("later", "Succeeded");
        assertThat(worker.tasks()).containsExactly("failing", "flying", "later");

        stage.queue("orders", ORDERS);
        queued.forEach(name -> stage.awaitState(name, "Succeeded"));
        assertThat(stage.awaitState("failing", "Succeeded")
                        .path("dispatchCount")
                        .asInt())
                .isEqualTo(2);
        JsonNode scheduled = stage.awaitState("scheduled", "Scheduled");
        assertThat(StatusConditions.conditions(scheduled)).containsEntry("Accepted", "True Accepted");
        assertThat(worker.tasks()).hasSize(3 + 20 + 1);
        queued.forEach(name -> assertThat(worker.received(name)).hasSize(1));
    }

    @Test
    void aQueueThatIsReplacedByForceLosesNothing() {
        List<String> names = names("t", 100);
        stage.tasks(names, task("orders"));
        for (int i = 0; i < 3; i++) {
            stage.kubectlWithInput(
                    "{apiVersion: taskqueue.dev/v1beta1, kind: TaskQueue, metadata: {name: orders}, spec: %s}"
                            .formatted(ORDERS),
                    "replace",
                    "--force",
                    "-f",
                    "-");
        }
        names.forEach(name -> stage.awaitState(name, "Succeeded"));
        assertThat(worker.tasks()).containsExactlyInAnyOrderElementsOf(names);
        assertThat(worker.peak()).isEqualTo(1);
    }

    @Test
    void oneLineDeletesAQueueWithItsTasks() {
        stage.patchQueue("orders", "{spec: {state: Paused}}");
        stage.patchQueue("other", "{spec: {state: Paused}}");
        stage.tasks(List.of("a", "b", "c"), task("orders"));
        stage.task("kept", task("other"));
        stage.awaitState("kept", "Queued");
        stage.kubectl("delete", "tq", "orders");
        assertThat(stage.kubectl("delete", "tasks.taskqueue.dev", "--field-selector=spec.queueRef.name=orders")
                        .lines())
                .hasSize(3);
        stage.queue("orders", "{}");
        stage.patchQueue("other", "{spec: {state: Running}}");
        stage.awaitState("kept", "Succeeded");
        stage.task("new", task("orders"));
        stage.awaitState("new", "Succeeded");
        assertThat(worker.tasks()).containsExactly("kept", "new");
    }

    private static String task(String queue) {
        return "{queueRef: {name: " + queue + "}, httpRequest: {serviceRef: {name: worker}}}";
    }
}
