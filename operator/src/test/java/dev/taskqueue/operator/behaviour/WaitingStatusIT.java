package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The status of a Task that was not sent yet, or that can never be sent. */
class WaitingStatusIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void createQueue() {
        cluster.queue("orders", "{}");
    }

    @Test
    void aTasksOwnTimeAndTurnAndFlightAreTold() {
        var release = new CountDownLatch(1);
        worker.script(request -> {
            release.await();
            return Answer.of(200);
        });
        cluster.queue("narrow", "{rateLimits: {maxConcurrentDispatches: 1}}");
        cluster.operator();
        String narrow = "{queueRef: {name: narrow}, httpRequest: {serviceRef: {name: worker}}}";
        cluster.task("flying", narrow);
        JsonNode flying = cluster.awaitState("flying", "Dispatching");
        assertThat(StatusConditions.conditions(flying)).containsEntry("Succeeded", "Unknown Dispatching");
        assertThat(flying.at("/claim/attempt").asInt()).isEqualTo(1);
        assertThat(Instant.parse(flying.at("/claim/deadline").asText()))
                .isEqualTo(
                        Instant.parse(flying.at("/claim/dispatchTime").asText()).plus(Duration.ofMinutes(10)));
        assertThat(flying.path("dispatchCount").asInt()).isZero();
        assertThat(StatusConditions.message(flying))
                .isEqualTo("Attempt 1 is in flight since "
                        + flying.at("/claim/dispatchTime").asText() + " and ends by "
                        + flying.at("/claim/deadline").asText()
                        + "; if its operator process is gone, the Task is sent again then.");

        cluster.task("queued", narrow);
        JsonNode queued = cluster.awaitState("queued", "Queued");
        assertThat(StatusConditions.conditions(queued))
                .containsEntry("Succeeded", "Unknown Queued")
                .containsEntry("Accepted", "True Accepted");
        assertThat(StatusConditions.message(queued))
                .startsWith("Due since 20")
                .contains(" the only slot of the queue was taken, since 20");

        cluster.queue("paused", "{state: Paused}");
        cluster.task("paused", narrow.replace("narrow", "paused"));
        assertThat(StatusConditions.message(cluster.awaitReason("paused", "QueuePaused")))
                .matches("Due since 20.*Z\\. At 20.*Z the queue was paused by spec\\.state\\.");

        String due =
                Instant.now().plusSeconds(8).truncatedTo(ChronoUnit.SECONDS).toString();
        cluster.task(
                "scheduled",
                "{queueRef: {name: orders}, scheduleTime: '%s', httpRequest: {serviceRef: {name: worker}}}"
                        .formatted(due));
        JsonNode scheduled = cluster.awaitState("scheduled", "Scheduled");
        assertThat(StatusConditions.conditions(scheduled)).containsEntry("Succeeded", "Unknown Scheduled");
        assertThat(Instant.parse(scheduled.path("nextAttemptTime").asText())).isEqualTo(due);
        assertThat(StatusConditions.message(scheduled)).startsWith("Due at " + due.substring(0, 19));

        release.countDown();
        for (String task : new String[] {"flying", "queued", "scheduled"}) {
            JsonNode status = cluster.awaitState(task, "Succeeded");
            assertThat(status.has("claim") || status.has("nextAttemptTime")).isFalse();
            assertThat(status.path("dispatchCount").asInt()).isEqualTo(1);
        }
    }

    @Test
    void whatCanNeverBeSentFailsAndDisturbsNobody() {
        cluster.operator();
        cluster.task(
                "a",
                "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}, headers: {X-Key: ' secret'}}}");
        JsonNode status = cluster.awaitState("a", "Failed");
        assertThat(StatusConditions.conditions(status))
                .isEqualTo(Map.of(
                        "Accepted", "False InvalidSpec",
                        "Finished", "True InvalidSpec",
                        "Succeeded", "False InvalidSpec",
                        "Stalled", "True InvalidSpec"));
        assertThat(StatusConditions.message(status)).contains("spec.").doesNotContain("secret");
        assertThat(status.has("dispatchCount")).isFalse();
        cluster.task("neighbour", "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}");
        cluster.awaitState("neighbour", "Succeeded");
        assertThat(worker.tasks()).containsExactly("neighbour");
    }
}
