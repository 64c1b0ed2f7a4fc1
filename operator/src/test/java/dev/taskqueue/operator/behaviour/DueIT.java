package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The time at which a Task is sent. */
class DueIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void start() {
        cluster.queue("orders", "{}");
        cluster.operator();
    }

    @Test
    void scheduledTasksNeverComeEarly() {
        cluster.task(
                "overdue",
                "{queueRef: {name: orders}, scheduleTime: '2020-01-01T00:00:00Z', httpRequest: {serviceRef: {name: worker}}}");
        Instant before = Instant.now();
        cluster.task("delayed", "{queueRef: {name: orders}, delay: 1500ms, httpRequest: {serviceRef: {name: worker}}}");
        Instant scheduled = Instant.now().plusMillis(1750);
        cluster.task(
                "scheduled",
                "{queueRef: {name: orders}, scheduleTime: '%s', httpRequest: {serviceRef: {name: worker}}}"
                        .formatted(scheduled));
        cluster.awaitState("scheduled", "Succeeded");
        cluster.awaitState("delayed", "Succeeded");
        cluster.awaitState("overdue", "Succeeded");
        assertThat(worker.received("delayed").getFirst().at()).isAfterOrEqualTo(before.plusMillis(1500));
        assertThat(worker.received("scheduled").getFirst().at()).isAfterOrEqualTo(scheduled);
        assertThat(worker.tasks().getFirst()).isEqualTo("overdue");
        // The API server cuts times in status to milliseconds, and the operator rounds its own times up to
        // milliseconds.
        Instant told = Instant.parse(
                cluster.status("scheduled").at("/lastAttempt/scheduleTime").asText());
        assertThat(told).isBetween(scheduled, scheduled.plusMillis(1));
    }

    @Test
    void whatIsDueFirstLeavesFirst() {
        var release = new CountDownLatch(1);
        worker.script(request -> {
            release.await();
            return Answer.of(200);
        });
        cluster.queue("narrow", "{rateLimits: {maxConcurrentDispatches: 1}}");
        cluster.task("opener", "{queueRef: {name: narrow}, httpRequest: {serviceRef: {name: worker}}}");
        await().until(() -> worker.open() == 1);
        Instant start = Instant.now().plusSeconds(2);
        List<String> order = List.of("first", "second", "third", "fourth", "fifth");
        List.of("third", "first", "fifth", "second", "fourth")
                .forEach(name -> cluster.task(
                        name,
                        "{queueRef: {name: narrow}, scheduleTime: '%s', httpRequest: {serviceRef: {name: worker}}}"
                                .formatted(start.plusMillis(100L * order.indexOf(name)))));
        order.forEach(name -> cluster.awaitState(name, "Queued"));
        release.countDown();
        order.forEach(name -> cluster.awaitState(name, "Succeeded"));
        assertThat(worker.tasks()).containsExactly("opener", "first", "second", "third", "fourth", "fifth");
        assertThat(worker.peak()).isEqualTo(1);
    }
}
