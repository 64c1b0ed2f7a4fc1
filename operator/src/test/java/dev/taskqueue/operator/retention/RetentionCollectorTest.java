package dev.taskqueue.operator.retention;

import static dev.taskqueue.operator.testing.TestingTasks.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.cache.FinishedObjects;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.RedriveRequest;
import dev.taskqueue.operator.testing.TestingApiServer;
import dev.taskqueue.operator.testing.TestingRetries;
import dev.taskqueue.operator.testing.TestingTasks;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.WriteSlots;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetentionCollectorTest {
    private static final Instant END = Instant.parse("2026-11-21T09:00:00Z");
    private static final QueueId ORDERS = new QueueId("shop", "orders");
    private static final String MARK = "annotations: {'meta.helm.sh/release-name': 'shop'}";

    private final TestingApiServer server = new TestingApiServer();
    private final QueueProfiles queues = new QueueProfiles();
    private final TaskCache tasks = new TaskCache();
    private final TestingRetries waits = new TestingRetries();
    /** The time without the steps of the wall clock. */
    private Instant now = END;

    private Duration step = Duration.ZERO;
    private final FinishedObjects<TaskRecord> finished = new FinishedObjects<>(
            new Clocks(this::wall, () -> Duration.between(END, now).toNanos()));
    private boolean leader = true;
    /** Deletes on the test's own thread. */
    private final RetentionCollector collector = new RetentionCollector(
            new TaskWriteContext(
                    server.api(), tasks, new WriteSlots(1), () -> leader, this::wall, waits.retries(this::wall)),
            finished,
            queues,
            Runnable::run);

    RetentionCollectorTest() throws IOException {
        tasks.handleEffects(TestingTasks.retention(finished));
        keep("{succeeded: '1h', failed: '2h', maxSucceeded: 3, maxFailed: 2}");
    }

    private Instant wall() {
        return now.plus(step);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void aFinishedTaskIsDeletedWhenItsRetentionIsOver() throws InterruptedException {
        server.then(200, "{}").then(200, "{}");
        ended("good", "", true, END);
        ended("bad", "", false, END);
        tick(Duration.ofMinutes(60).minusMillis(1));
        assertThat(finished.failedRetained(ORDERS)).isEqualTo(1);
        tick(Duration.ofHours(1));
        assertDeleted("good");
        tick(Duration.ofHours(2));
        assertDeleted("bad");
        assertThat(finished.failedRetained(ORDERS)).isZero();
    }

    /** As a new leader finds it, which reads both at once: the time is over, and somebody asked for another attempt before. */
    @Test
    void aTaskThatIsToBeRedrivenIsKept() throws InterruptedException {
        server.then(200, "{}");
        TaskRecord record = ended("bad", "", false, END);
        record.apply(new TaskMessage.RedriveRequested("1"));
        tick(Duration.ofHours(3));
        assertThat(server.hasRequests()).isFalse();
        assertThat(finished.failedRetained(ORDERS)).isEqualTo(1);
        record.apply(new TaskMessage.RedriveDone(1, RedriveRequest.byQueue("1")));
        tick(Duration.ofHours(3));
        assertDeleted("bad");
    }

    /** Its end is decided, somebody sets the clock, and then the API server answers that the end is written. */
    @ParameterizedTest
    @ValueSource(longs = {-7200, -40, 40, 7200, 86400})
    void aStepOfTheWallClockWhileTheEndIsWrittenNeitherShortensNorStretchesTheRetention(long seconds)
            throws InterruptedException {
        server.then(200, "{}").then(200, "{}");
        tick(Duration.ZERO);
        now = END.plusSeconds(1);
        step = Duration.ofSeconds(seconds);
        ended("before", "", false, END);
        now = END.plusSeconds(3);
        ended("after", "", false, wall());
        tick(Duration.ofHours(2).minusMillis(1));
        assertThat(finished.failedRetained(ORDERS)).isEqualTo(2);
        tick(Duration.ofHours(2));
        assertDeleted("before");
        tick(Duration.ofHours(2).plusMillis(2_999));
        assertThat(finished.failedRetained(ORDERS)).isEqualTo(1);
        tick(Duration.ofHours(2).plusSeconds(3));
        assertDeleted("after");
    }

    @ParameterizedTest
    @ValueSource(longs = {-7200, -40, 40, 7200, 86400})
    void aStepOfTheWallClockNeitherShortensNorStretchesTheRetention(long seconds) throws InterruptedException {
        server.then(200, "{}").then(200, "{}").then(200, "{}");
        ended("before", "", false, END);
        ended("own", MARK, "2h", false, END);
        now = END.plusSeconds(1);
        step = Duration.ofSeconds(seconds);
        ended("after", "", false, wall());
        tick(Duration.ofHours(2).minusMillis(1));
        assertThat(finished.failedRetained(ORDERS)).isEqualTo(3);
        tick(Duration.ofHours(2));
        assertDeleted("before");
        assertDeleted("own");
        tick(Duration.ofHours(2).plusMillis(999));
        assertThat(finished.failedRetained(ORDERS)).isEqualTo(1);
        tick(Duration.ofHours(2).plusSeconds(1));
        assertDeleted("after");
    }

    @Test
    void afterAStepBackAllThatHadFailedIsRedriven() {
        ended("before", "", false, END);
        now = END.plusSeconds(10);
        step = Duration.ofHours(-1);
        assertThat(finished.failed(ORDERS, wall())).hasSize(1);
        Instant asked = wall();
        now = END.plusSeconds(20);
        ended("later", "", false, wall());
        assertThat(finished.failed(ORDERS, asked))
                .extracting(record -> record.id.name())
                .containsExactly("before");
    }

    @Test
    void onlyTheVeryObjectThatIsKnownIsDeleted() throws InterruptedException {
        server.then(200, "{}");
        ended("good", "", true, END);
        changed("good", 44, "", true, END);
        tick(Duration.ofHours(1));
        assertThat(TestingTasks.json(server.request().body())).isEqualTo(TestingTasks.json("""
                {"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background",
                "preconditions":{"uid":"uid-good","resourceVersion":"44"}}"""));
    }

    @Test
    void theOldestGoWhereThereAreTooMany() throws InterruptedException {
        server.then(200, "{}").then(200, "{}");
        for (int i = 1; i <= 5; i++) {
            ended("t" + i, "", true, END.minusSeconds(10 - i));
        }
        tick(Duration.ZERO);
        assertDeleted("t1");
        assertDeleted("t2");
    }

    @Test
    void aTasksOwnTimeToLiveWins() throws InterruptedException {
        server.then(200, "{}").then(200, "{}");
        ended("long", "", "3h", true, END);
        ended("short", MARK, "1s", false, END);
        assertThat(finished.failedRetained(ORDERS)).isEqualTo(1);
        tick(Duration.ofMillis(999));
        tick(Duration.ofSeconds(1));
        assertDeleted("short");
        tick(Duration.ofHours(3));
        assertDeleted("long");
    }

    @Test
    void whatSomebodyWouldCreateAgainStays() {
        TaskRecord record = ended("applied", MARK, false, END);
        tick(Duration.ofDays(365));
        assertThat(finished.failedRetained(ORDERS)).isEqualTo(1);
        tasks.remove(record.id);
        assertThat(finished.failedRetained(ORDERS)).isZero();
    }

    @Test
    void aTaskOfAnUnknownQueueStaysAsLongAsTheDefaultSays() throws InterruptedException {
        queues.remove(ORDERS);
        server.then(200, "{}");
        ended("good", "", true, END);
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
        ended("good", "", true, END);
        tick(Duration.ofHours(1));
        assertThat(server.thenDeleted().at("/preconditions/resourceVersion").asText())
                .isEqualTo("1");
        changed("good", 2, "", true, END);
        tick(Duration.ofHours(1));
        tick(Duration.ofHours(1));
        tick(Duration.ofHours(1));
        assertThat(server.thenDeleted().at("/preconditions/resourceVersion").asText())
                .isEqualTo("2");
        assertDeleted("good");
        assertDeleted("good");
        // The Task is gone: another request would wait for its step for ever.
        tick(Duration.ofHours(2));
    }

    @Test
    void aTaskThatSomebodyMarksMeanwhileStays() {
        ended("good", "", false, END);
        changed("good", 2, MARK, false, END);
        tick(Duration.ofHours(2));
        assertThat(finished.failedRetained(ORDERS)).isEqualTo(1);
    }

    @Test
    void whoIsNotTheLeaderDeletesNothing() throws InterruptedException {
        ended("good", "", true, END);
        leader = false;
        tick(Duration.ofHours(1));
        leader = true;
        server.then(200, "{}");
        tick(Duration.ofHours(1));
        assertDeleted("good");
    }

    @Test
    void whatIsGoneIsNotTriedAgain() throws InterruptedException {
        TaskRecord record = ended("good", "", false, END);
        server.then(answer -> {
            // Somebody deletes the Task and creates another one with its name. The watch reports this before the
            // refusal arrives.
            tasks.remove(record.id);
            answer.json(409, "{}");
        });
        tick(Duration.ofHours(2));
        assertDeleted("good");
        assertThat(finished.failedRetained(ORDERS)).isZero();
    }

    @Test
    void aTaskEndsOnce() throws InterruptedException {
        server.then(200, "{}");
        ended("good", "", true, END);
        changed("good", 2, "", true, END.plusSeconds(1));
        tick(Duration.ofHours(2));
        assertDeleted("good");
    }

    @Test
    void whereNothingIsKeptATaskGoesAtItsEnd() {
        keep("{succeeded: '0s', failed: '2h'}");
        assertThat(collector.deletesAtOnce(record("a", ""), true)).isTrue();
        assertThat(collector.deletesAtOnce(record("a", ""), false)).isFalse();
        assertThat(collector.deletesAtOnce(record("e", MARK), true)).isFalse();
        assertThat(collector.deletesAtOnce(record("b", MARK, "0s"), true)).isTrue();
        assertThat(collector.deletesAtOnce(record("c", "", "1s"), true)).isFalse();
        assertThat(collector.deletesAtOnce(record("d", "", "0s"), false)).isTrue();
    }

    @Test
    void aTaskThatIsStartedAgainIsNotDeletedForItsFormerEnd() {
        keep("{failed: '1h'}");
        ended("a", "", false, END);
        changed("a", 2, "", "{state: 'Queued', round: {number: 2}}");
        assertThat(finished.failedRetained(ORDERS)).isZero();
        tick(Duration.ofHours(2));
        assertThat(server.hasRequests()).isFalse();
        changed("a", 3, "", "{state: 'Failed', round: {number: 2}, completionTime: '2026-11-21T10:00:00Z'}");
        assertThat(finished.failedRetained(ORDERS)).isEqualTo(1);
    }

    @Test
    void aTaskWhoseMarkWasTakenOffIsDeletedInItsTurn() throws InterruptedException {
        server.then(200, "{}");
        ended("applied", MARK, false, END);
        tick(Duration.ofDays(1));
        changed("applied", 2, "", false, END);
        tick(Duration.ofDays(1));
        assertDeleted("applied");
    }

    @Test
    void aTaskThatIsMarkedWhileItWaitsToBeDeletedStays() throws InterruptedException {
        ended("first", "", false, END);
        ended("second", "", false, END);
        // There is one worker here: the mark comes between the first delete and the second one.
        server.then(answer -> {
            changed("second", 2, MARK, false, END);
            answer.json(200, "{}");
        });
        tick(Duration.ofHours(2));
        assertDeleted("first");
        assertThat(server.hasRequests()).isFalse();
        assertThat(finished.failedRetained(ORDERS)).isEqualTo(1);
    }

    private void keep(String retention) {
        queues.put(
                ORDERS,
                QueueProfile.read(TestingTasks.read("{retention: " + retention + "}", TaskQueueSpec.class), false));
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
        return seen(name, 1, metadata, "", "{}");
    }

    private TaskRecord record(String name, String metadata, String ttl) {
        return seen(name, 1, metadata, ttl, "{}");
    }

    private TaskRecord ended(String name, String metadata, boolean success, Instant at) {
        return ended(name, metadata, "", success, at);
    }

    private TaskRecord ended(String name, String metadata, String ttl, boolean success, Instant at) {
        return seen(name, 1, metadata, ttl, status(success, at));
    }

    private void changed(String name, long version, String metadata, boolean success, Instant at) {
        changed(name, version, metadata, status(success, at));
    }

    private void changed(String name, long version, String metadata, String status) {
        seen(name, version, metadata, "", status);
    }

    private static String status(boolean success, Instant at) {
        return "{state: '%s', completionTime: '%s'}".formatted(success ? "Succeeded" : "Failed", at);
    }

    private TaskRecord seen(String name, long version, String metadata, String ttl, String status) {
        String more = ttl.isEmpty() ? "" : ", ttlAfterFinished: '" + ttl + "'";
        String spec = "{queueRef: {name: 'orders'}, httpRequest: {}" + more + "}";
        return TestingTasks.seen(tasks, task(name, version, metadata, spec, status));
    }
}
