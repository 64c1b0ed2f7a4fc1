package dev.taskqueue.operator.behaviour;

import static dev.taskqueue.operator.testing.TestCluster.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.TaskQueueOperator;
import dev.taskqueue.operator.testing.ApiRequests;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** {@code spec.purgeBefore}: what it deletes, what it spares, and what it says of itself. */
class PurgeIT {
    private static final String FUTURE = "2126-01-01T00:00:00Z";

    @AutoClose
    private final TestCluster stage = new TestCluster();

    private final RecordingWorker worker = stage.worker("worker");

    @Test
    void aFutureTimeIsCutToTheMomentItIsSeenAndWhatComesLaterRuns() {
        stage.operator();
        stage.queue("orders", "{}");
        stage.task("done", task("orders", ""));
        stage.awaitState("done", "Succeeded");
        List<String> waiting = names("waiting", 20);
        stage.tasks(waiting, task("orders", "delay: 1h, "));
        awaitNextSecond("orders");
        Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        purgeBefore("orders", FUTURE);
        JsonNode purge = awaitPurged("orders", FUTURE);
        assertThat(Instant.parse(purge.path("cutoffTime").asText())).isBetween(before, Instant.now());
        waiting.forEach(name -> assertThat(stage.get(name).isMissingNode()).isTrue());
        assertThat(stage.status("done").path("state").asText()).isEqualTo("Succeeded");

        stage.task("later", task("orders", "delay: 1h, "));
        stage.task("later-now", task("orders", ""));
        stage.awaitState("later-now", "Succeeded");
        // The same value is applied again, and something else of the queue changes.
        stage.patchQueue("orders", "{spec: {purgeBefore: '%s', dispatchDeadline: 5m}}".formatted(FUTURE));
        stage.awaitSettled("orders", 3);
        assertThat(stage.queueStatus("orders").path("purge")).isEqualTo(purge);
        assertThat(stage.get("later").isMissingNode()).isFalse();
        assertThat(worker.tasks()).containsExactlyInAnyOrder("done", "later-now");
    }

    @Test
    void onlyWhatWasCreatedStrictlyBeforeIsDeletedAlsoFromAPausedQueue() {
        stage.operator();
        stage.queue("orders", "{state: Paused}");
        stage.tasks(names("old", 5), task("orders", ""));
        awaitNextSecond("orders");
        stage.task("new", task("orders", ""));
        purgeBefore("orders", stage.get("new").at("/metadata/creationTimestamp").asText());
        awaitPurged("orders", stage.get("new").at("/metadata/creationTimestamp").asText());
        assertThat(stage.tasks()).hasSize(1);
        assertThat(worker.received()).isEmpty();
        stage.patchQueue("orders", "{spec: {state: Running}}");
        stage.awaitState("new", "Succeeded");
        assertThat(worker.tasks()).containsExactly("new");
    }

    @Test
    void whatIsInFlightIsDeletedAndItsRequestEndsInPeace() {
        var release = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        worker.script(request -> {
            if (request.task().equals("flying")) {
                release.await();
                ended.countDown();
                return Answer.of(503);
            }
            return Answer.of(200);
        });
        TaskQueueOperator operator = stage.operator();
        stage.queue("orders", "{rateLimits: {maxConcurrentDispatches: 1}, retry: {minBackoff: 10ms}}");
        stage.task("flying", task("orders", ""));
        await().until(() -> worker.open() == 1);
        stage.task("behind", task("orders", ""));
        awaitNextSecond("orders");
        purgeBefore("orders", FUTURE);
        awaitPurged("orders", FUTURE);
        stage.awaitGone("flying");
        stage.task("next", task("orders", ""));
        // The slot is the request's until it ends.
        stage.awaitState("next", "Queued");
        assertThat(worker.open()).isEqualTo(1);
        assertThat(ended.getCount()).isEqualTo(1);
        release.countDown();
        stage.awaitState("next", "Succeeded");
        await().until(() -> operator.stats().values().stream().allMatch(stats -> stats.tasks() == 0));
        assertThat(worker.tasks()).containsExactly("flying", "next");
    }

    @Test
    void anotherQueueIsServedMeanwhileAndProgressIsToldNowAndThen() {
        stage.operator();
        stage.queue("orders", "{state: Paused}");
        stage.queue("mail", "{}");
        stage.tasks(names("old", 600), task("orders", ""));
        awaitNextSecond("orders");
        long before = ApiRequests.of(stage.plane()).count("PATCH", "taskqueues", "status");
        Instant start = Instant.now();
        purgeBefore("orders", FUTURE);
        int sent = 0;
        while (!stage.queueStatus("orders").at("/purge").has("completionTime")) {
            stage.task("mail-" + sent++, task("mail", ""));
            assertThat(Instant.now()).isBefore(start.plus(TestCluster.PATIENCE));
        }
        Instant end = Instant.parse(
                awaitPurged("orders", FUTURE).path("completionTime").asText());
        List<String> mail = names("mail", sent);
        await().until(() -> stage.tasks().stream()
                .allMatch(task -> task.at("/status/state").asText().equals("Succeeded")));
        assertThat(worker.tasks()).containsExactlyInAnyOrderElementsOf(mail);
        // All of it went out while the purge went on, but for the last few.
        assertThat(worker.received())
                .filteredOn(request -> request.at().isBefore(end.plusSeconds(1)))
                .hasSizeGreaterThan(sent / 2);
        assertThat(stage.tasks()).hasSize(sent);
        long written = ApiRequests.of(stage.plane()).count("PATCH", "taskqueues", "status") - before;
        long seconds = Instant.now().getEpochSecond() - start.getEpochSecond();
        // The order, every two seconds its progress, its end; and the statistics of both queues every ten.
        assertThat(written).isBetween(2L, 3 + seconds / 2 + 2 * (seconds / 10 + 2));
    }

    private void purgeBefore(String queue, String time) {
        stage.patchQueue(queue, "{spec: {purgeBefore: '%s'}}".formatted(time));
    }

    private JsonNode awaitPurged(String queue, String value) {
        JsonNode purge = await().until(
                        () -> stage.queueStatus(queue).path("purge"),
                        now -> now.path("value").asText().equals(value) && now.has("completionTime"));
        assertThat(purge.path("remaining").asInt(-1)).isZero();
        return purge;
    }

    /** Waits until what is created from now on has a later creation time than every Task of the queue. */
    private void awaitNextSecond(String queue) {
        Instant last = stage.tasks().stream()
                .filter(task -> task.at("/spec/queueRef/name").asText().equals(queue))
                .map(task ->
                        Instant.parse(task.at("/metadata/creationTimestamp").asText()))
                .max(Instant::compareTo)
                .orElseThrow();
        await().until(() -> Instant.now().isAfter(last.plusSeconds(1)));
    }

    private static String task(String queue, String more) {
        return "{queueRef: {name: " + queue + "}, " + more + "httpRequest: {serviceRef: {name: worker}}}";
    }
}
