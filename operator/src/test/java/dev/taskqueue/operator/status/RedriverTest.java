package dev.taskqueue.operator.status;

import static dev.taskqueue.operator.testing.TestingTasks.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.cache.FinishedObjects;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskEffect;
import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.testing.TestingApiServer;
import dev.taskqueue.operator.testing.TestingRetries;
import dev.taskqueue.operator.testing.TestingTasks;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.WriteSlots;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedriverTest {
    private static final String TASK = " /apis/taskqueue.dev/v1beta1/namespaces/shop/tasks/a";
    private static final String PATCH = "PATCH" + TASK + "/status?fieldManager=taskqueue-operator";
    private static final String WRITTEN = "{\"metadata\": {\"resourceVersion\": \"9\"}}";
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final QueueId ORDERS = new QueueId("shop", "orders");

    private final TestingApiServer server = new TestingApiServer();
    private final TaskCache tasks = new TaskCache();
    private final TestingRetries waits = new TestingRetries();
    private final TaskWriteContext context = new TaskWriteContext(
            server.api(), tasks, new WriteSlots(1), () -> true, () -> NOW, waits.retries(() -> NOW));
    private final ExecutorService threads = Executors.newSingleThreadExecutor();
    private final FinishedObjects<TaskRecord> finished = new FinishedObjects<>(Clocks.system());
    private final Redriver redriver = new Redriver(context, finished, threads);
    private final TaskRecord record;

    RedriverTest() throws IOException {
        tasks.handleEffects((of, effect) -> {
            if (effect instanceof TaskEffect.StartRedrive) {
                redriver.start(of);
            } else {
                TestingTasks.retention(finished).handle(of, effect);
            }
        });
        record = TestingTasks.seen(tasks, failed(""));
    }

    @AfterEach
    void close() throws IOException {
        threads.shutdownNow();
        server.close();
    }

    @Test
    void aFailedTaskIsWrittenOpenWithAllAttemptsBeforeIt() throws Exception {
        server.then(200, failed("lastHandledRedrive: 'first'").toString()).then(200, WRITTEN);
        ask("second");
        assertThat(server.request()).hasToString("GET" + TASK);
        TestingApiServer.Request patch = server.request();
        assertThat(patch).hasToString(PATCH);
        JsonNode written = json(patch.body());
        assertThat(written.path("metadata").path("resourceVersion").asText()).isEqualTo("5");
        JsonNode status = written.path("status");
        assertThat(status.path("state").asText()).isEqualTo("Queued");
        assertThat(status.path("lastHandledRedrive").asText()).isEqualTo("second");
        assertThat(status.path("round"))
                .isEqualTo(json(
                        "{number: 2, startTime: '2026-11-21T10:00:00Z', attempts: 0, responses: 0, executions: 0}"));
        assertThat(status.path("nextAttemptTime").asText()).isEqualTo("2026-11-21T10:00:00Z");
        assertThat(status.get("completionTime").isNull()).isTrue();
        assertThat(status.get("firstAttempt").isNull()).isTrue();
        assertThat(status.has("dispatchCount")).isFalse();
        assertThat(status.path("conditions")).hasSize(3);
        assertThat(status.path("conditions").toString())
                .doesNotContain("Stalled")
                .contains("Started again at");
    }

    @Test
    void aQueuesRedriveLeavesTheTasksOwnValue() throws Exception {
        server.then(
                        200,
                        failed("lastHandledRedrive: 'first', round: {number: 2, attempts: 3}")
                                .toString())
                .then(200, WRITTEN);
        record.apply(new TaskMessage.RedriveRequested("all-1"));
        server.thenRead();
        JsonNode status = server.thenPatched().path("status");
        assertThat(status.path("lastHandledRedrive").asText()).isEqualTo("first");
        assertThat(status.path("lastHandledQueueRedrive").asText()).isEqualTo("all-1");
        assertThat(status.path("round").path("number").asInt()).isEqualTo(3);
    }

    /** The clocks of two leaders may differ, so the time of an end does not tell whether it came before the redrive or after. */
    @Test
    void aTaskThatFailsAgainIsNotStartedTwiceByTheSameValueOfItsQueue() throws Exception {
        ObjectNode again = failed("lastHandledQueueRedrive: 'all-1', round: {number: 2, attempts: 3}");
        server.then(200, again.toString());
        record.apply(new TaskMessage.RedriveRequested("all-1"));
        server.thenRead();
        awaitIdle();
        ((ObjectNode) again.path("metadata")).put("resourceVersion", "6");
        record.apply(new TaskMessage.Seen(TaskReader.read(again), TaskMessage.Era.OWN));
        assertThat(redriver.askAll(ORDERS, "all-1", NOW)).isZero();
        assertThat(record.state().redrive()).isNull();

        server.then(200, again.toString()).then(200, WRITTEN);
        assertThat(redriver.askAll(ORDERS, "all-2", NOW)).isEqualTo(1);
        server.thenRead();
        assertThat(server.thenPatched()
                        .path("status")
                        .path("lastHandledQueueRedrive")
                        .asText())
                .isEqualTo("all-2");
    }

    @ParameterizedTest
    @ValueSource(ints = {409, 429, 500})
    void whatIsRefusedIsLookedAtAnew(int code) throws Exception {
        server.then(200, failed("").toString())
                .then(code, "{}")
                .then(200, failed("").toString())
                .then(200, WRITTEN);
        ask("x");
        assertThat(server.request()).hasToString("GET" + TASK);
        assertThat(server.request()).hasToString(PATCH);
        awaitIdle();
        waits.pass(Duration.ofSeconds(1));
        redriver.tick();
        assertThat(server.request()).hasToString("GET" + TASK);
        assertThat(server.request()).hasToString(PATCH);
    }

    /** Four such redrives once kept all workers busy, and no other redrive went on. */
    @Test
    void redrivesThatAreRefusedForGoodHoldUpNobody() throws Exception {
        int many = 20;
        server.then(request -> request.method().equals("GET"), request -> found(request.target()));
        server.then(
                request -> request.target().contains("/shop/tasks/r"),
                request -> new TestingApiServer.Reply(403, "{}"));
        for (int i = 0; i < many; i++) {
            asks("/shop/tasks/r" + i);
        }
        server.then(request -> true, request -> new TestingApiServer.Reply(200, WRITTEN));
        asks("/shop2/tasks/good");
        awaitIdle();
        assertThat(waits.answers()).containsEntry("redrive written", 1);
        int refused = waits.answers().getOrDefault("redrive forbidden", 0);
        assertThat(refused).as("three in a row, and those under way").isLessThanOrEqualTo(7);
        waits.pass(Duration.ofMinutes(2));
        redriver.tick();
        awaitIdle();
        assertThat(waits.answers().get("redrive forbidden")).as("one probe").isEqualTo(refused + 1);
    }

    /** The Failed Task at this address is to be started again. */
    private void asks(String target) {
        TestingTasks.seen(tasks, json(failedAt(target))).apply(new TaskMessage.RedriveRequested("all-1"));
    }

    private static TestingApiServer.Reply found(String target) {
        return new TestingApiServer.Reply(200, failedAt(target));
    }

    private static String failedAt(String target) {
        String name = target.substring(target.lastIndexOf('/') + 1);
        String namespace = target.contains("/shop2/") ? "shop2" : "shop";
        String task = failed("").toString().replace("\"a\"", "\"" + name + "\"").replace("uid-a", "uid-" + name);
        return task.replace("\"shop\"", "\"" + namespace + "\"");
    }

    @Test
    void whatIsNotFailedOrWasHeededOrIsGoneIsLeftAlone() throws Exception {
        ObjectNode open = failed("");
        ((ObjectNode) open.path("status")).put("state", "BackingOff");
        server.then(200, open.toString())
                .then(200, failed("lastHandledRedrive: 'x'").toString())
                .then(404, "{}")
                .then(200, failed("").toString().replace("uid-a", "uid-b"));
        for (int look = 0; look < 4; look++) {
            ask("x");
            assertThat(server.request()).hasToString("GET" + TASK);
            awaitIdle();
        }
    }

    @Test
    void ofAQueueOnlyThoseThatHadFailedByThenAreAskedFor() throws Exception {
        ObjectNode later = failed("");
        ((ObjectNode) later.path("metadata")).put("resourceVersion", "6");
        ((ObjectNode) later.path("status")).put("completionTime", "2026-11-21T10:00:00.0005Z");
        tasks.remove(record.id);
        TestingTasks.seen(tasks, later);
        assertThat(redriver.askAll(ORDERS, "all-1", NOW.minusMillis(1))).isZero();
        server.then(200, failed("").toString()).then(200, WRITTEN);
        assertThat(redriver.askAll(ORDERS, "all-1", NOW)).isEqualTo(1);
        assertThat(redriver.askAll(ORDERS, "all-1", NOW)).isEqualTo(1);
        assertThat(server.request()).hasToString("GET" + TASK);
        assertThat(server.request()).hasToString(PATCH);
        awaitIdle();
        assertThat(redriver.askAll(new QueueId("shop", "mail"), "all-1", NOW)).isZero();
    }

    /** If the answer to the write of an end is lost, people see the Task as Failed before this process does. */
    @Test
    void aTaskWhoseEndIsBeingWrittenCountsAsLeft() {
        tasks.remove(record.id);
        TaskRecord open = TestingTasks.seen(tasks, json(openAt("/shop/tasks/r1")));
        var end = new Ending(Ending.Reason.Expired, "too late");
        open.beginOutcomeWrite(new Journal.Entry.Finished(AttemptHistory.NONE, end, NOW));
        assertThat(redriver.askAll(ORDERS, "all-1", NOW.minusMillis(1))).isZero();
        assertThat(redriver.askAll(ORDERS, "all-1", NOW)).isEqualTo(1);
    }

    private static String openAt(String target) {
        ObjectNode open = (ObjectNode) json(failedAt(target));
        ((ObjectNode) open.path("status")).put("state", "Queued").remove("completionTime");
        return open.toString();
    }

    /** Starts a redrive as the Task's own annotation does. */
    private void ask(String value) {
        ObjectNode json = failed("");
        long version = record.resourceVersion() + 1;
        ((ObjectNode) json.path("metadata"))
                .put("resourceVersion", Long.toString(version))
                .putObject("annotations")
                .put("taskqueue.dev/redrive", value);
        record.apply(new TaskMessage.Seen(TaskReader.read(json), TaskMessage.Era.OWN));
    }

    private void awaitIdle() throws Exception {
        threads.submit(() -> {}).get();
    }

    private static ObjectNode failed(String more) {
        ObjectNode task = (ObjectNode) TestingTasks.task("a", 5);
        task.set("status", json("""
                {state: 'Failed', completionTime: '2026-11-21T09:59:00Z', dispatchCount: 3, conditions: [
                  {type: 'Accepted', status: 'True', reason: 'Accepted', lastTransitionTime: '2026-11-21T08:59:00Z'},
                  {type: 'Succeeded', status: 'False', reason: 'RetriesExhausted', lastTransitionTime: '2026-11-21T09:59:00Z'}]
                 %s}""".formatted(more.isEmpty() ? "" : ", " + more)));
        return task;
    }
}
