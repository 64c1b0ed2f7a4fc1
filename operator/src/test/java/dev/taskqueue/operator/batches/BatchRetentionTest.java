package dev.taskqueue.operator.batches;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.domain.Occurrences;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.intake.NamespaceTerms;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.testing.TestingApiServer;
import dev.taskqueue.operator.testing.TestingEngine;
import dev.taskqueue.operator.testing.TestingRetries;
import dev.taskqueue.operator.testing.TestingTasks;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.WriteSlots;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchRetentionTest {
    private static final Instant END = Instant.parse("2026-11-21T09:00:00Z");
    private static final QueueId ORDERS = new QueueId("shop", "orders");

    private final TestingApiServer server = new TestingApiServer();
    private final QueueProfiles queues = new QueueProfiles();
    /** The time without the steps of the wall clock. */
    private Instant now = END;

    private Duration step = Duration.ZERO;
    private final Engine engine = TestingEngine.silent(this::wall, () -> true);
    private final TestingRetries retries = new TestingRetries();
    /** Deletes on the test's own thread. */
    private final BatchWork work = new BatchWork(
            new BatchPorts(
                    context(),
                    queues,
                    new Clocks(this::wall, () -> Duration.between(END, now).toNanos()),
                    pause -> {},
                    new BatchPorts.Settings(Duration.ofDays(30), 1_000_000)),
            engine,
            new BatchWork.Surroundings(
                    () -> true,
                    NamespaceTerms.alone(END, END),
                    "me",
                    Runnable::run,
                    outcomes -> {},
                    new Listener() {},
                    Occurrences.DROPPED));

    private TaskWriteContext context() {
        return new TaskWriteContext(
                server.api(), new TaskCache(), new WriteSlots(1), () -> true, this::wall, retries.retries(this::wall));
    }

    BatchRetentionTest() throws IOException {
        queues.put(
                ORDERS,
                QueueProfile.read(
                        TestingTasks.read(
                                "{retention: {succeeded: '1h', failed: '2h', maxSucceeded: 2, maxFailed: 2}}",
                                TaskQueueSpec.class),
                        false));
    }

    private Instant wall() {
        return now.plus(step);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    /** The watch shows a batch that has ended. */
    private void ended(String name, String metadata, String spec, boolean success, Instant at) {
        seen(name, metadata, spec, status(success, at));
    }

    /** The watch shows a batch whose items wait. */
    private void waiting(String name) {
        seen(name, "", "", TestingTasks.json("{state: 'Pending', revision: 0}"));
    }

    private void seen(String name, String metadata, String spec, JsonNode status) {
        ObjectNode json = (ObjectNode) TestingBatches.json(name, spec + "count: 1");
        ((ObjectNode) json.path("metadata")).setAll((ObjectNode) TestingTasks.json("{" + metadata + "}"));
        ((ObjectNode) json.path("metadata")).put("uid", "uid-" + name);
        json.set("status", status);
        work.intake().seen(json, 1);
    }

    private static JsonNode status(boolean success, Instant at) {
        return TestingTasks.json("{state: '%s', revision: 1, %s: '0', completionTime: '%s'}"
                .formatted(success ? "Succeeded" : "Failed", success ? "succeeded" : "failed", at));
    }

    private void tick(Duration afterEnd) {
        now = END.plus(afterEnd);
        work.tick();
    }

    private void assertDeleted(String name) throws InterruptedException {
        TestingApiServer.Request delete = server.request();
        assertThat(delete.method()).isEqualTo("DELETE");
        assertThat(delete.target()).endsWith("/taskbatches/" + name);
        assertThat(TestingTasks.json(delete.body()))
                .isEqualTo(TestingTasks.json("{preconditions: {uid: 'uid-%s', resourceVersion: '7'}}".formatted(name)));
    }

    @Test
    void aFinishedBatchIsDeletedWhenItsRetentionIsOver() throws InterruptedException {
        server.then(200, "{}").then(200, "{}");
        ended("good", "", "", true, END);
        ended("bad", "", "", false, END);
        tick(Duration.ofHours(1).minusMillis(1));
        assertThat(server.hasRequests()).isFalse();
        assertThat(work.failedRetained(ORDERS)).isEqualTo(1);
        tick(Duration.ofHours(1));
        assertDeleted("good");
        tick(Duration.ofHours(2));
        assertDeleted("bad");
        tick(Duration.ofHours(3));
        assertThat(server.hasRequests()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {-7200, -40, 40, 7200, 86400})
    void aStepOfTheWallClockNeitherShortensNorStretchesTheRetention(long seconds) throws InterruptedException {
        server.then(200, "{}");
        ended("good", "", "", true, END);
        step = Duration.ofSeconds(seconds);
        ended("good", "labels: {a: 'b'}", "", true, END);
        tick(Duration.ofHours(1).minusMillis(1));
        assertThat(server.hasRequests()).isFalse();
        tick(Duration.ofHours(1));
        assertDeleted("good");
    }

    @Test
    void theOldestGoIfThereAreTooMany() throws InterruptedException {
        server.then(200, "{}").then(200, "{}");
        for (int i = 4; i >= 1; i--) {
            ended("b" + i, "", "", true, END.plusMillis(i));
        }
        tick(Duration.ofSeconds(1));
        assertDeleted("b1");
        assertDeleted("b2");
        assertThat(server.hasRequests()).isFalse();
    }

    @Test
    void whatGitKeepsStaysUnlessItNamesATtl() throws InterruptedException {
        server.then(200, "{}");
        String helm = "annotations: {'meta.helm.sh/release-name': 'shop'}";
        ended("kept", helm, "", true, END);
        ended("short", helm, "ttlAfterFinished: '5m', ", true, END);
        tick(Duration.ofMinutes(5));
        assertDeleted("short");
        tick(Duration.ofDays(300));
        assertThat(server.hasRequests()).isFalse();
    }

    /** The watch may be late, and the purge may be called off before it shows the deletion: no item must be sent then. */
    @Test
    void whatAPurgeHasDeletedLeavesTheEngineBeforeTheWatchShowsIt() throws InterruptedException {
        server.then(200, "{}");
        work.intake().seen(TestingBatches.json("open", "delay: '1h', count: 3"), 1);
        engine.purge(ORDERS, END.plus(Duration.ofDays(1)));
        assertThat(engine.batches().toBePurged(ORDERS)).hasSize(1);
        tick(Duration.ofSeconds(1));
        assertThat(server.request().method()).isEqualTo("DELETE");
        assertThat(engine.batches().toBePurged(ORDERS)).isEmpty();
    }

    @Test
    void aDeleteThatFailsIsTriedAgain() throws InterruptedException {
        server.then(409, "{\"kind\":\"Status\",\"code\":409}").then(200, "{}");
        ended("good", "", "", true, END);
        tick(Duration.ofHours(1));
        assertDeleted("good");
        tick(Duration.ofHours(1).plusSeconds(1));
        assertDeleted("good");
    }

    private String deleted() throws InterruptedException {
        return server.request().toString().replaceAll("^DELETE .*/taskbatches/", "");
    }

    @Test
    void aDeleteThatIsRefusedIsRepeatedAfterAGrowingPauseAndCounted() throws InterruptedException {
        server.then(422, "{}").then(422, "{}").then(200, "{}");
        ended("good", "", "", true, END);
        tick(Duration.ofHours(1));
        deleted();
        tick(Duration.ofHours(1).plusMillis(10));
        assertThat(server.hasRequests()).as("before the pause is over").isFalse();
        retries.pass(Duration.ofSeconds(2));
        tick(Duration.ofHours(1));
        deleted();
        retries.pass(Duration.ofSeconds(1));
        tick(Duration.ofHours(1));
        assertThat(server.hasRequests()).as("before the longer pause is over").isFalse();
        retries.pass(Duration.ofSeconds(10));
        tick(Duration.ofHours(1));
        deleted();
        assertThat(retries.answers()).isEqualTo(Map.of("batch-delete refused", 2, "batch-delete written", 1));
    }

    @Test
    void oneThatCannotBeDeletedDoesNotHoldUpTheOthers() throws InterruptedException {
        server.then(503, "{}").then(200, "{}").then(200, "{}");
        ended("a", "", "", true, END);
        ended("b", "", "", true, END);
        tick(Duration.ofHours(1));
        String failed = deleted();
        assertThat(deleted()).isNotEqualTo(failed);
        retries.pass(Duration.ofMinutes(2));
        tick(Duration.ofHours(1));
        assertThat(deleted()).isEqualTo(failed);
    }

    @Test
    void aPurgeDeletesWhatWaitsWhateverWasWrittenToIt() throws InterruptedException {
        server.then(200, "{}");
        waiting("open");
        ended("over", "", "", true, END);
        engine.purge(ORDERS, END);
        tick(Duration.ZERO);
        TestingApiServer.Request delete = server.request();
        assertThat(delete.target()).endsWith("/taskbatches/open");
        assertThat(TestingTasks.json(delete.body())).isEqualTo(TestingTasks.json("{preconditions: {uid: 'uid-open'}}"));
        tick(Duration.ofSeconds(1));
        assertThat(server.hasRequests()).as("the watch has not shown it yet").isFalse();
    }

    @Test
    void aPurgeThatIsCalledOffDeletesNothingMore() throws InterruptedException {
        waiting("a");
        waiting("b");
        server.then(answer -> {
            engine.endPurge(ORDERS);
            answer.json(200, "{}");
        });
        engine.purge(ORDERS, END);
        tick(Duration.ZERO);
        deleted();
        // A second delete would wait for its step for ever.
        tick(Duration.ofSeconds(1));
    }

    @Test
    void aProcessThatStopsBeginsNoDelete() {
        ended("good", "", "", true, END);
        work.hurry();
        tick(Duration.ofHours(1));
        assertThat(server.hasRequests()).isFalse();
    }
}
