package dev.taskqueue.operator.retention;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskEffect;
import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.engine.Offer;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.testing.TestingApiServer;
import dev.taskqueue.operator.testing.TestingEngine;
import dev.taskqueue.operator.testing.TestingRetries;
import dev.taskqueue.operator.testing.TestingTasks;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.WriteSlots;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests that Tasks which the engine took out of line are deleted, one after the other on the test's own thread. */
class PurgeCollectorTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final QueueId ORDERS = new QueueId("shop", "orders");
    private static final QueueId MAIL = new QueueId("shop", "mail");

    private final TestingApiServer server = new TestingApiServer();
    private final TaskCache tasks = new TaskCache();
    private final TestingRetries waits = new TestingRetries();
    private final AtomicBoolean leader = new AtomicBoolean(true);
    private final Engine engine = TestingEngine.silent(() -> NOW, () -> true);
    private final PurgeCollector purger = new PurgeCollector(
            new TaskWriteContext(
                    server.api(), tasks, new WriteSlots(1), leader::get, () -> NOW, waits.retries(() -> NOW)),
            engine,
            Runnable::run);

    PurgeCollectorTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void onlyWhatTheEngineHasTakenOutOfLineIsDeletedAndThatOnce() throws InterruptedException {
        server.then(200, "{}");
        touch(create("old", "orders"), 44);
        create("kept", "mail");
        purger.tick();
        engine.purge(ORDERS, NOW);
        purger.tick();
        TestingApiServer.Request request = server.request();
        assertThat(request).hasToString("DELETE /apis/taskqueue.dev/v1beta1/namespaces/shop/tasks/old");
        assertThat(TestingTasks.json(request.body())).isEqualTo(TestingTasks.json("""
                {"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background",
                "preconditions":{"uid":"uid-old","resourceVersion":"44"}}"""));
        // The watch has not reported the deletion yet. A second delete would wait for its step for ever.
        purger.tick();
    }

    @Test
    void theQueuesGoByTurns() throws InterruptedException {
        for (String name : List.of("o1", "o2", "o3")) {
            create(name, "orders");
            server.then(200, "{}");
        }
        create("m1", "mail");
        server.then(200, "{}");
        engine.purge(ORDERS, NOW);
        engine.purge(MAIL, NOW);
        purger.tick();
        assertThat(List.of(deleted(), deleted())).contains("m1");
        assertThat(List.of(deleted(), deleted())).allMatch(name -> name.startsWith("o"));
    }

    @Test
    void afterAConflictTheNextVersionIsDeletedAndAfterAFailureThereIsAPause() throws InterruptedException {
        server.then(409, "{}")
                .then(500, "{}")
                .then(TestingApiServer.Answer::reset)
                .then(404, "{}");
        TaskRecord record = create("old", "orders");
        engine.purge(ORDERS, NOW);
        purger.tick();
        assertThat(server.thenDeleted().at("/preconditions/resourceVersion").asText())
                .isEqualTo("1");
        touch(record, 2);
        purger.tick();
        assertThat(server.thenDeleted().at("/preconditions/resourceVersion").asText())
                .isEqualTo("2");
        purger.tick();
        assertThat(server.hasRequests()).as("before the pause is over").isFalse();
        tickLater();
        tickLater();
        assertThat(List.of(deleted(), deleted())).containsExactly("old", "old");
        purger.tick();
    }

    @Test
    void oneThatCannotBeDeletedDoesNotHoldUpTheOthers() throws InterruptedException {
        create("a", "orders");
        create("b", "orders");
        server.then(500, "{}").then(200, "{}").then(200, "{}");
        engine.purge(ORDERS, NOW);
        purger.tick();
        String failed = deleted();
        assertThat(deleted()).isNotEqualTo(failed);
        tickLater();
        assertThat(deleted()).isEqualTo(failed);
    }

    private void tickLater() {
        waits.pass(Duration.ofMinutes(2));
        purger.tick();
    }

    @Test
    void calledOffNothingMoreIsDeleted() throws InterruptedException {
        create("a", "orders");
        create("b", "orders");
        assertOnlyTheFirstIsDeletedWhen(() -> engine.endPurge(ORDERS));
    }

    /** The watch may be late, and the purge may be called off before it shows the deletion: the Task must not be sent then. */
    @Test
    void whatIsDeletedLeavesTheEngineBeforeTheWatchShowsIt() throws InterruptedException {
        var effects = new ArrayList<TaskEffect>();
        tasks.handleEffects((task, effect) -> effects.add(effect));
        TaskRecord record = create("old", "orders");
        effects.clear();
        server.then(200, "{}");
        engine.purge(ORDERS, NOW);
        purger.tick();
        deleted();
        assertThat(effects).containsExactly(new TaskEffect.Cancel());
        record.apply(new TaskMessage.StatusWritten(1, 9, record.writtenStatus()));
        assertThat(record.isEnding()).isTrue();
    }

    @Test
    void whatHasEndedMeanwhileStays() throws InterruptedException {
        TaskRecord first = create("a", "orders");
        TaskRecord second = create("b", "orders");
        assertOnlyTheFirstIsDeletedWhen(() -> {
            engine.cancel(Objects.requireNonNull(first.delivery()));
            engine.cancel(Objects.requireNonNull(second.delivery()));
        });
    }

    @Test
    void whatIsEndingRightNowStays() throws InterruptedException {
        create("a", "orders")
                .beginOutcomeWrite(new Journal.Entry.Finished(
                        AttemptHistory.NONE, new Ending(Ending.Reason.Delivered, "200."), NOW));
        create("b", "orders");
        server.then(200, "{}");
        engine.purge(ORDERS, NOW);
        purger.tick();
        assertThat(deleted()).isEqualTo("b");
        // A second delete would wait for its step for ever.
        purger.tick();
    }

    @Test
    void whoIsNotTheLeaderDeletesNothing() throws InterruptedException {
        create("a", "orders");
        create("b", "orders");
        engine.purge(ORDERS, NOW);
        leader.set(false);
        purger.tick();
        leader.set(true);
        assertOnlyTheFirstIsDeletedWhen(() -> leader.set(false));
    }

    /** @param thisHappens while the first is being deleted */
    private void assertOnlyTheFirstIsDeletedWhen(Runnable thisHappens) throws InterruptedException {
        server.then(answer -> {
            thisHappens.run();
            answer.json(200, "{}");
        });
        engine.purge(ORDERS, NOW);
        purger.tick();
        deleted();
        // A second delete would wait for its step for ever.
        purger.tick();
    }

    private static void touch(TaskRecord record, long version) {
        record.apply(new TaskMessage.MetadataWritten(1, version));
    }

    private String deleted() throws InterruptedException {
        return server.request().toString().replaceAll("^DELETE .*/tasks/", "");
    }

    private TaskRecord create(String name, String queue) {
        JsonNode json = TestingTasks.task(name, 1, "", "{queueRef: {name: '" + queue + "'}, httpRequest: {}}");
        TaskObject task = TaskReader.read(json);
        TaskRecord record = TestingTasks.seen(tasks, json);
        record.setDelivery(engine.offer(new Offer(
                new DeliveryId(task.id(), 1),
                task.queue(),
                task.createdAt(),
                task.createdAt(),
                NOW,
                null,
                AttemptHistory.NONE,
                null,
                null,
                null)));
        return record;
    }
}
