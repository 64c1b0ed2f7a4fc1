package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The operator's process may have any time zone: times in status, messages, headers and the log are UTC. */
class TimeZoneIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @Test
    void everyTimeIsUtc() {
        cluster.queue("orders", "{retention: {failed: 1h}}");
        // This zone has changes of an hour, is ahead of UTC by more than half a day, and has odd minutes.
        cluster.process(Map.of("TZ", "Pacific/Chatham"));
        Instant due = Instant.now().plus(Duration.ofHours(1)).truncatedTo(ChronoUnit.SECONDS);
        cluster.task(
                "later",
                "{queueRef: {name: orders}, scheduleTime: '%s', httpRequest: {serviceRef: {name: worker}}}"
                        .formatted(due));
        assertThat(StatusConditions.message(cluster.awaitState("later", "Scheduled")))
                .contains("Due at " + due.toString().replace("Z", ""));
        Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        cluster.task("now", "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}");
        JsonNode status = cluster.awaitState("now", "Succeeded");
        Instant after = Instant.now();
        assertThat(Instant.parse(status.path("completionTime").asText())).isBetween(before, after);
        assertThat(status.path("completionTime").asText()).endsWith("Z");
        assertThat(Instant.parse(worker.received("now").getFirst().header("TaskQueue-Deadline")))
                .isBetween(before, after.plus(Duration.ofMinutes(10)));
        cluster.annotateQueue("orders", "taskqueue.dev/hold=Bob", "taskqueue.dev/hold-until=" + due);
        assertThat(cluster.awaitQueueState("orders", "Held").at("/conditions").toString())
                .contains("until " + due);
    }
}
