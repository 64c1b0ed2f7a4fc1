package dev.taskqueue.operator.behaviour;

import static dev.taskqueue.operator.testing.TestCluster.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.TaskQueueOperator;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** {@code spec.purgeBefore}: the Tasks that it deletes, the Tasks that it keeps, and the status that it writes. */
class PurgeIT {
    private static final String FUTURE = "2126-01-01T00:00:00Z";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @Test
    void aFutureTimeIsCutToTheMomentItIsSeenAndWhatComesLaterRuns() {
        cluster.operator();
        cluster.queue("orders", "{}");
        cluster.task("done", task("orders", ""));
        cluster.awaitState("done", "Succeeded");
        List<String> waiting = names("waiting", 20);
        cluster.tasks(waiting, task("orders", "delay: 1h, "));
        awaitNextSecond("orders");
        Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        purgeBefore("orders", FUTURE);
        JsonNode purge = awaitPurged("orders", FUTURE);
        assertThat(Instant.parse(purge.path("cutoffTime").asText())).isBetween(before, Instant.now());
        waiting.forEach(name -> assertThat(cluster.get(name).isMissingNode()).isTrue());
        assertThat(cluster.status("done").path("state").asText()).isEqualTo("Succeeded");

        cluster.task("later", task("orders", "delay: 1h, "));
        cluster.task("later-now", task("orders", ""));
        cluster.awaitState("later-now", "Succeeded");
        // The same value is applied again, and another field of the queue changes.
        cluster.patchQueue("orders", "{spec: {purgeBefore: '%s', dispatchDeadline: 5m}}".formatted(FUTURE));
        cluster.awaitSettled("orders", 3);
        assertThat(cluster.queueStatus("orders").path("purge")).isEqualTo(purge);
        assertThat(cluster.get("later").isMissingNode()).isFalse();
        assertThat(worker.tasks()).containsExactlyInAnyOrder("done", "later-now");
    }

    @Test
    void onlyWhatWasCreatedStrictlyBeforeIsDeletedAlsoFromAPausedQueue() {
        cluster.operator();
        cluster.queue("orders", "{state: Paused}");
        cluster.tasks(names("old", 5), task("orders", ""));
        awaitNextSecond("orders");
        cluster.task("new", task("orders", ""));
        purgeBefore(
                "orders", cluster.get("new").at("/metadata/creationTimestamp").asText());
        awaitPurged(
                "orders", cluster.get("new").at("/metadata/creationTimestamp").asText());
        assertThat(cluster.tasks()).hasSize(1);
        assertThat(worker.received()).isEmpty();
        cluster.patchQueue("orders", "{spec: {state: Running}}");
        cluster.awaitState("new", "Succeeded");
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
        TaskQueueOperator operator = cluster.operator();
        cluster.queue("orders", "{rateLimits: {maxConcurrentDispatches: 1}, retry: {minBackoff: 10ms}}");
        cluster.task("flying", task("orders", ""));
        await().until(() -> worker.open() == 1);
        cluster.task("behind", task("orders", ""));
        awaitNextSecond("orders");
        purgeBefore("orders", FUTURE);
        awaitPurged("orders", FUTURE);
        cluster.awaitGone("flying");
        cluster.task("next", task("orders", ""));
        // The request keeps the slot until it ends.
        cluster.awaitState("next", "Queued");
        assertThat(worker.open()).isEqualTo(1);
        assertThat(ended.getCount()).isEqualTo(1);
        release.countDown();
        cluster.awaitState("next", "Succeeded");
        await().until(() -> operator.stats().values().stream().allMatch(stats -> stats.tasks() == 0));
        assertThat(worker.tasks()).containsExactly("flying", "next");
    }

    @Test
    void anotherQueueIsServedMeanwhileAndProgressIsToldNowAndThen() {
        cluster.operator();
        cluster.queue("orders", "{state: Paused}");
        cluster.queue("mail", "{}");
        cluster.tasks(names("old", 300), task("orders", ""));
        awaitNextSecond("orders");
        long before = cluster.account().requests().queueStatusPatches();
        Instant start = Instant.now();
        purgeBefore("orders", FUTURE);
        int sent = 0;
        while (!cluster.queueStatus("orders").at("/purge").has("completionTime")) {
            cluster.task("mail-" + sent++, task("mail", ""));
            assertThat(Instant.now()).isBefore(start.plus(TestCluster.PATIENCE));
        }
        awaitPurged("orders", FUTURE);
        List<String> mail = names("mail", sent);
        await().until(() -> cluster.tasks().stream()
                .allMatch(task -> task.at("/status/state").asText().equals("Succeeded")));
        assertThat(worker.tasks()).containsExactlyInAnyOrderElementsOf(mail);
        assertThat(cluster.tasks()).hasSize(sent);
        long written = cluster.account().requests().queueStatusPatches() - before;
        long seconds = Instant.now().getEpochSecond() - start.getEpochSecond();
        // The writes are: the order, its progress every two seconds, its end, and the statistics of both queues every
        // ten seconds.
        assertThat(written).isLessThanOrEqualTo(3 + seconds / 2 + 2 * (seconds / 10 + 2));
    }

    private void purgeBefore(String queue, String time) {
        cluster.patchQueue(queue, "{spec: {purgeBefore: '%s'}}".formatted(time));
    }

    private JsonNode awaitPurged(String queue, String value) {
        JsonNode purge = await().until(
                        () -> cluster.queueStatus(queue).path("purge"),
                        now -> now.path("value").asText().equals(value) && now.has("completionTime"));
        assertThat(purge.path("remaining").asInt(-1)).isZero();
        return purge;
    }

    /** Waits until a new Task has a later creation time than every Task of the queue. */
    private void awaitNextSecond(String queue) {
        Instant last = cluster.tasks().stream()
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
