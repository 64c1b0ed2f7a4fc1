package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.TestCluster;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Events of Kubernetes for what a person must act on. */
class EventsIT {
    private static final String TASK = "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @Test
    void describeShowsWhatHasHappenedToAQueue() {
        cluster.operator();
        cluster.queue("orders", "{retry: {maxAttempts: 1}}");
        cluster.task("lost", TASK.replace("name: worker", "name: none"));
        awaitEvents("taskqueue/orders", "Warning", "TargetNotFound");
        cluster.annotateQueue("orders", "taskqueue.dev/hold=Anna: moving the database");
        awaitEvents("taskqueue/orders", "Held", "Anna: moving the database");
        cluster.annotateQueue("orders", "taskqueue.dev/hold-");
        awaitEvents("taskqueue/orders", "Released", "The hold was removed.");
        cluster.annotateQueue("orders", "taskqueue.dev/hold=Ben");
        awaitEvents("taskqueue/orders", "Held", "(x2 over");
        cluster.patchQueue("orders", "{spec: {deadLetter: {queueRef: {name: orders}}}}");
        awaitEvents("taskqueue/orders", "Warning", "DeadLetterChain");
    }

    @Test
    void aTaskAndABatchThatFailForGoodHaveAnEvent() {
        cluster.operator();
        cluster.queue("orders", "{retry: {maxAttempts: 1}, recordResponse: Failures}");
        worker.answers(request -> 500);
        cluster.task("a", TASK);
        cluster.batch(
                "b", "{queueRef: {name: orders}, count: 2, template: {httpRequest: {serviceRef: {name: worker}}}}");
        awaitEvents("tasks.taskqueue.dev/a", "Warning", "RetriesExhausted", "500");
        awaitEvents("taskbatch/b", "Warning", "ItemsFailed", "2 of 2 items failed");
    }

    @Test
    void aHundredFailuresAreNoHundredEvents() {
        cluster.operator();
        cluster.queue("orders", "{retry: {maxAttempts: 1}, throttling: Disabled}");
        worker.answers(request -> 500);
        cluster.tasks(TestCluster.names("t", 100), TASK);
        await().until(() -> cluster.tasks().stream()
                .allMatch(task -> task.at("/status/state").asText().equals("Failed")));
        await().until(() -> events() > 0);
        // They may have failed in two minutes, on a slow machine.
        assertThat(events()).isLessThanOrEqualTo(20);
    }

    @Test
    void withoutTheSettingThereAreNone() {
        cluster.operator("EVENTS=false");
        cluster.queue("orders", "{retry: {maxAttempts: 1}}");
        worker.answers(request -> 500);
        cluster.task("a", TASK);
        cluster.awaitState("a", "Failed");
        assertThat(cluster.account().requests().denied()).isZero();
        assertThat(events()).isZero();
    }

    private long events() {
        return cluster.kubectl("get", "events.events.k8s.io", "-o", "name")
                .lines()
                .count();
    }

    private void awaitEvents(String object, String... texts) {
        await().untilAsserted(() -> {
            String described = cluster.kubectl("describe", object);
            String events = described.substring(described.indexOf("Events:"));
            for (String text : List.of(texts)) {
                assertThat(events).contains(text);
            }
        });
    }
}
