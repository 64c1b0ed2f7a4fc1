package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Time limits of a Task: its expiry, the deadline of its handler, and the latest schedule time. */
class ExpiryIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @Test
    void whatIsNotDeliveredInTimeFailsWhereverItWaits() {
        worker.codes(500);
        cluster.queue("paused", "{state: Paused, retry: {minBackoff: 1h}}");
        cluster.queue("orders", "{retry: {minBackoff: 1h}}");
        cluster.queue("short", "{state: Paused, retention: {unfinished: 1s}}");
        cluster.operator();
        Instant end = Instant.now().plusSeconds(6).truncatedTo(ChronoUnit.SECONDS);
        String expires = "expireTime: '%s', ".formatted(end);
        cluster.task("paused", task("paused", expires, "worker"));
        cluster.task("blocked", task("orders", expires, "none"));
        cluster.task("no-queue", task("none", expires, "worker"));
        cluster.task("scheduled", task("orders", expires + "delay: 1h, ", "worker"));
        cluster.task("backing-off", task("orders", expires, "worker"));
        cluster.task("unfinished", task("short", "", "worker"));
        for (String name : new String[] {"paused", "blocked", "no-queue", "scheduled", "backing-off", "unfinished"}) {
            JsonNode status = cluster.awaitState(name, "Failed");
            assertThat(StatusConditions.conditions(status))
                    .containsEntry("Succeeded", "False Expired")
                    .containsEntry("Finished", "True Expired")
                    .containsEntry("Stalled", "True Expired");
            assertThat(status.path("dispatchCount").asInt()).isEqualTo(name.equals("backing-off") ? 1 : 0);
            if (!name.equals("unfinished")) {
                assertThat(Instant.parse(status.path("completionTime").asText()))
                        .isAfterOrEqualTo(end);
            }
        }
        assertThat(cluster.status("backing-off").at("/lastAttempt/statusCode").asInt())
                .isEqualTo(500);
        cluster.patchQueue("paused", "{spec: {state: Running}}");
        cluster.patchQueue("short", "{spec: {state: Running}}");
        cluster.task("last", task("paused", "", "worker"));
        cluster.awaitState("last", "BackingOff");
        assertThat(worker.tasks()).containsExactlyInAnyOrder("backing-off", "last");
    }

    @Test
    void whatIsPlannedTooFarAheadIsToldSoAndGoesWhenTheLimitIsRaised() {
        cluster.queue("orders", "{}");
        cluster.operator("MAX_SCHEDULE_AHEAD=1h");
        Instant far = Instant.now().plus(2, ChronoUnit.HOURS).truncatedTo(ChronoUnit.SECONDS);
        cluster.task("far", task("orders", "scheduleTime: '%s', ".formatted(far), "worker"));
        cluster.task("near", task("orders", "delay: 59m, ", "worker"));
        JsonNode status = cluster.awaitReason("far", "LimitExceeded");
        assertThat(StatusConditions.conditions(status))
                .isEqualTo(Map.of(
                        "Accepted", "False LimitExceeded",
                        "Finished", "False LimitExceeded",
                        "Succeeded", "Unknown LimitExceeded"));
        assertThat(StatusConditions.message(status)).contains("more than 1h", "TASKQUEUE_MAX_SCHEDULE_AHEAD");
        cluster.awaitState("near", "Scheduled");
        cluster.stopLast();
        cluster.operator("MAX_SCHEDULE_AHEAD=3h");
        JsonNode accepted = cluster.awaitState("far", "Scheduled");
        assertThat(StatusConditions.conditions(accepted)).containsEntry("Accepted", "True Accepted");
        assertThat(Instant.parse(accepted.path("nextAttemptTime").asText())).isEqualTo(far);
        assertThat(worker.received()).isEmpty();
    }

    @Test
    void theTasksDeadlineWinsOverItsQueues() {
        cluster.queue("orders", "{dispatchDeadline: 20s}");
        cluster.operator();
        cluster.task("of-queue", task("orders", "", "worker"));
        cluster.task("of-task", task("orders", "dispatchDeadline: 40s, ", "worker"));
        assertThat(allowed("of-queue")).isEqualTo(Duration.ofSeconds(20));
        assertThat(allowed("of-task")).isEqualTo(Duration.ofSeconds(40));
    }

    private Duration allowed(String task) {
        JsonNode status = cluster.awaitState(task, "Succeeded");
        Received request = worker.received(task).getFirst();
        return Duration.between(
                Instant.parse(status.at("/lastAttempt/dispatchTime").asText()),
                Instant.parse(request.header("TaskQueue-Deadline")));
    }

    private static String task(String queue, String more, String service) {
        return "{queueRef: {name: %s}, %shttpRequest: {serviceRef: {name: %s}}}".formatted(queue, more, service);
    }
}
