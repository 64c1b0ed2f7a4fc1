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

/** A queue is deleted while it has Tasks. No Task is lost, and no Task is sent without its queue. */
class QueueDeletionIT {
    private static final String ORDERS = "{rateLimits: {maxConcurrentDispatches: 1}, retry: {minBackoff: 2s}}";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void start() {
        cluster.queue("orders", ORDERS);
        cluster.queue("other", "{}");
        cluster.operator();
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
        cluster.task("failing", task("orders"));
        JsonNode failed = cluster.awaitState("failing", "BackingOff");
        cluster.task("flying", task("orders"));
        await().until(() -> worker.open() == 1);
        cluster.task("scheduled", task("orders").replace("{queueRef", "{delay: 1h, queueRef"));
        cluster.awaitState("scheduled", "Scheduled");
        List<String> queued = names("queued", 20);
        cluster.tasks(queued, task("orders"));

        cluster.kubectl("delete", "tq", "orders");
        for (String name : List.of("failing", "scheduled", "queued-0", "queued-19")) {
            JsonNode status = cluster.awaitReason(name, "QueueNotFound");
            assertThat(StatusConditions.conditions(status)).containsEntry("Accepted", "False QueueNotFound");
            assertThat(StatusConditions.message(status)).contains(cluster.namespace() + "/orders does not exist");
        }
        release.countDown();
        cluster.awaitState("flying", "Succeeded");
        // At this time the retry is due, and the slot is free.
        Instant later = Instant.parse(failed.path("nextAttemptTime").asText()).plus(Duration.ofSeconds(1));
        cluster.task("later", task("other").replace("{queueRef", "{scheduleTime: '%s', queueRef".formatted(later)));
        cluster.awaitState("later", "Succeeded");
        assertThat(worker.tasks()).containsExactly("failing", "flying", "later");

        cluster.queue("orders", ORDERS);
        queued.forEach(name -> cluster.awaitState(name, "Succeeded"));
        assertThat(cluster.awaitState("failing", "Succeeded")
                        .path("dispatchCount")
                        .asInt())
                .isEqualTo(2);
        JsonNode scheduled = cluster.awaitState("scheduled", "Scheduled");
        assertThat(StatusConditions.conditions(scheduled)).containsEntry("Accepted", "True Accepted");
        assertThat(worker.tasks()).hasSize(3 + 20 + 1);
        queued.forEach(name -> assertThat(worker.received(name)).hasSize(1));
    }

    @Test
    void aQueueThatIsReplacedByForceLosesNothing() {
        List<String> names = names("t", 100);
        cluster.tasks(names, task("orders"));
        for (int i = 0; i < 3; i++) {
            cluster.kubectlWithInput(
                    "{apiVersion: taskqueue.dev/v1beta1, kind: TaskQueue, metadata: {name: orders}, spec: %s}"
                            .formatted(ORDERS),
                    "replace",
                    "--force",
                    "-f",
                    "-");
        }
        names.forEach(name -> cluster.awaitState(name, "Succeeded"));
        assertThat(worker.tasks()).containsExactlyInAnyOrderElementsOf(names);
        assertThat(worker.peak()).isEqualTo(1);
    }

    @Test
    void oneLineDeletesAQueueWithItsTasks() {
        cluster.patchQueue("orders", "{spec: {state: Paused}}");
        cluster.patchQueue("other", "{spec: {state: Paused}}");
        cluster.awaitQueueState("orders", "Paused");
        cluster.tasks(List.of("a", "b", "c"), task("orders"));
        cluster.task("kept", task("other"));
        cluster.awaitState("kept", "Queued");
        cluster.kubectl("delete", "tq", "orders");
        assertThat(cluster.kubectl("delete", "tasks.taskqueue.dev", "--field-selector=spec.queueRef.name=orders")
                        .lines())
                .hasSize(3);
        cluster.queue("orders", "{}");
        cluster.patchQueue("other", "{spec: {state: Running}}");
        cluster.awaitState("kept", "Succeeded");
        cluster.task("new", task("orders"));
        cluster.awaitState("new", "Succeeded");
        assertThat(worker.tasks()).containsExactly("kept", "new");
    }

    private static String task(String queue) {
        return "{queueRef: {name: " + queue + "}, httpRequest: {serviceRef: {name: worker}}}";
    }
}
