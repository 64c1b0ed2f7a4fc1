package dev.taskqueue.operator.kube;

import static dev.taskqueue.operator.kube.TestingTasks.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.kube.TaskRecord.Told;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CollectorTest {
    private static final Instant END = Instant.parse("2026-11-21T09:00:00Z");
    private static final QueueId ORDERS = new QueueId("shop", "orders");
    private static final String MARK = "annotations: {'meta.helm.sh/release-name': 'shop'}";

    private final TestingApiServer server = new TestingApiServer();
    private final Queues queues = new Queues();
    private final Tasks tasks = new Tasks();
    private final TestingWaits waits = new TestingWaits();
    private Instant now = END;
    private boolean leader = true;
    /** Deletes on the test's own thread. */
    private final Collector collector = new Collector(
            new Cluster(server.api(), tasks, new WriteSlots(1), () -> leader, () -> now, waits.retries(() -> now)),
            queues,
            Runnable::run);

    CollectorTest() throws IOException {
        keep("{succeeded: '1h', failed: '2h', maxSucceeded: 3, maxFailed: 2}");
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void aFinishedTaskIsDeletedWhenItsRetentionIsOver() throws InterruptedException {
        server.then(200, "{}").then(200, "{}");
        collector.finished(record("good", ""), true, END);
        collector.finished(record("bad", ""), false, END);
        tick(Duration.ofMinutes(60).minusMillis(1));
        assertThat(collector.failedRetained(ORDERS)).isEqualTo(1);
        tick(Duration.ofHours(1));
        assertDeleted("good");
        tick(Duration.ofHours(2));
        assertDeleted("bad");
        assertThat(collector.failedRetained(ORDERS)).isZero();
    }

    @Test
    void onlyTheVeryObjectThatIsKnownIsDeleted() throws InterruptedException {
        server.then(200, "{}");
        TaskRecord record = record("good", "");
        record.seen(44);
        collector.finished(record, true, END);
        tick(Duration.ofHours(1));
        assertThat(server.request().body()).isEqualTo("""
                {"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background",\
                "preconditions":{"uid":"uid-good","resourceVersion":"44"}}\
                """);
    }

    @Test
    void theOldestGoWhereThereAreTooMany() throws InterruptedException {
        server.then(200, "{}").then(200, "{}");
        for (int i = 1; i <= 5; i++) {
            collector.finished(record("t" + i, ""), true, END.minusSeconds(10 - i));
        }
        tick(Duration.ZERO);
        assertDeleted("t1");
        assertDeleted("t2");
    }

    @Test
    void aTasksOwnTimeToLiveWins() throws InterruptedException {
        server.then(200, "{}").then(200, "{}");
        collector.finished(record("long", "", Duration.ofHours(3)), true, END);
        collector.finished(record("short", MARK, Duration.ofSeconds(1)), false, END);
        assertThat(collector.failedRetained(ORDERS)).isEqualTo(1);
        tick(Duration.ofMillis(999));
        tick(Duration.ofSeconds(1));
        assertDeleted("short");
        tick(Duration.ofHours(3));
        assertDeleted("long");
    }

    @Test
    void whatSomebodyWouldCreateAgainStays() {
        TaskRecord record = record("applied", MARK);
        collector.finished(record, false, END);
        tick(Duration.ofDays(365));
        assertThat(collector.failedRetained(ORDERS)).isEqualTo(1);
        collector.removed(record);
        assertThat(collector.failedRetained(ORDERS)).isZero();
    }

    @Test
    void aTaskOfAnUnknownQueueStaysAsLongAsTheDefaultSays() throws InterruptedException {
        queues.remove(ORDERS);
        server.then(200, "{}");
        collector.finished(record("good", ""), true, END);
        tick(Duration.ofMinutes(59));
        tick(Duration.ofHours(1));
        assertDeleted("good");
    }

    @Test
    void afterAConflictTheNextVersionIsDeleted() throws InterruptedException {
        server.then(409, "{}")
                .then(500, "{}")
                .then(TestingApiServer.Answer::reset)
                .then(404, "{}");
        TaskRecord record = record("good", "");
        collector.finished(record, true, END);
        tick(Duration.ofHours(1));
        assertThat(server.request().body()).contains("\"resourceVersion\":\"1\"");
        record.seen(2);
        tick(Duration.ofHours(1));
        tick(Duration.ofHours(1));
        tick(Duration.ofHours(1));
        assertThat(server.request().body()).contains("\"resourceVersion\":\"2\"");
        assertDeleted("good");
        assertDeleted("good");
        // It is gone: a further request would wait for its step for ever.
        tick(Duration.ofHours(2));
    }

    @Test
    void aTaskThatSomebodyMarksMeanwhileStays() {
        TaskRecord record = record("good", "");
        collector.finished(record, false, END);
        record.seen(TaskReader.read(task("good", 2, MARK, "{}")));
        tick(Duration.ofHours(2));
        assertThat(collector.failedRetained(ORDERS)).isEqualTo(1);
    }

    @Test
    void whoIsNotTheLeaderDeletesNothing() throws InterruptedException {
        collector.finished(record("good", ""), true, END);
        leader = false;
        tick(Duration.ofHours(1));
        leader = true;
        server.then(200, "{}");
        tick(Duration.ofHours(1));
        assertDeleted("good");
    }

    @Test
    void whatIsGoneIsNotTriedAgain() throws InterruptedException {
        TaskRecord record = record("good", "");
        collector.finished(record, false, END);
        server.then(answer -> {
            // Somebody deletes it and creates another under its name, and the watch tells before the refusal is in.
            tasks.remove(record.id);
            collector.removed(record);
            answer.json(409, "{}");
        });
        tick(Duration.ofHours(2));
        assertDeleted("good");
        assertThat(collector.failedRetained(ORDERS)).isZero();
    }

    @Test
    void aTaskEndsOnce() throws InterruptedException {
        server.then(200, "{}");
        TaskRecord record = record("good", "");
        collector.finished(record, true, END);
        collector.finished(record, true, END.plusSeconds(1));
        tick(Duration.ofHours(2));
        assertDeleted("good");
    }

    @Test
    void whereNothingIsKeptATaskGoesAtItsEnd() {
        keep("{succeeded: '0s', failed: '2h'}");
        assertThat(collector.keepsNothing(record("a", ""), true)).isTrue();
        assertThat(collector.keepsNothing(record("a", ""), false)).isFalse();
        assertThat(collector.keepsNothing(record("a", MARK), true)).isFalse();
        assertThat(collector.keepsNothing(record("a", MARK, Duration.ZERO), true))
                .isTrue();
        assertThat(collector.keepsNothing(record("a", "", Duration.ofSeconds(1)), true))
                .isFalse();
        assertThat(collector.keepsNothing(record("a", "", Duration.ZERO), false))
                .isTrue();
    }

    @Test
    void aTaskThatIsStartedAgainIsNotDeletedForItsFormerEnd() {
        keep("{failed: '1h'}");
        TaskRecord record = record("a", "");
        collector.finished(record, false, END);
        record.reopen();
        collector.removed(record);
        assertThat(collector.failedRetained(ORDERS)).isZero();
        tick(Duration.ofHours(2));
        assertThat(server.hasRequests()).isFalse();
        collector.finished(record, false, END.plusSeconds(3600));
        assertThat(collector.failedRetained(ORDERS)).isEqualTo(1);
    }

    private void keep(String retention) {
        queues.put(
                ORDERS,
                QueueProfile.of(TestingTasks.read("{retention: " + retention + "}", TaskQueueSpec.class), false));
    }

    private void tick(Duration afterTheEnd) {
        waits.pass(Duration.ofMinutes(2));
        now = END.plus(afterTheEnd);
        collector.tick();
    }

    private void assertDeleted(String name) throws InterruptedException {
        assertThat(server.request()).hasToString("DELETE /apis/taskqueue.dev/v1beta1/namespaces/shop/tasks/" + name);
    }

    private TaskRecord record(String name, String metadata) {
        return record(name, metadata, null);
    }

    private TaskRecord record(String name, String metadata, @Nullable Duration ttl) {
        TaskObject task = TaskReader.read(task(name, 1, metadata, "{queueRef: {name: 'orders'}, httpRequest: {}}"));
        var record = new TaskRecord(task, ttl, Told.NOTHING);
        tasks.put(record);
        return record;
    }
}
