package dev.taskqueue.operator.prepare;

import static dev.taskqueue.operator.prepare.TestingServices.ORDERS;
import static dev.taskqueue.operator.prepare.TestingServices.obstacle;
import static dev.taskqueue.operator.prepare.TestingServices.ready;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.RequestSummary;
import dev.taskqueue.operator.cache.SpecCache;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.dispatch.OutboundRequest;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Dispatcher.FinalCheck;
import dev.taskqueue.operator.engine.Dispatcher.Preparation;
import dev.taskqueue.operator.engine.Dispatcher.PreparedRequest;
import dev.taskqueue.operator.task.DeadLetterDraft;
import dev.taskqueue.operator.testing.TestingApiServer;
import dev.taskqueue.operator.testing.TestingTasks;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.WriteSlots;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests which request a Task becomes, and what is kept of it. */
class TaskDispatcherTest {
    private static final TaskId TASK = new TaskId("shop", "a", "uid-a");
    private static final DeliveryId DELIVERY = new DeliveryId(TASK, 1);
    private static final String TO_WORKER = "serviceRef: {name: 'worker'}";

    private final TestingApiServer server = new TestingApiServer();
    private final TestingServices services = new TestingServices();
    private final TaskCache tasks = new TaskCache();
    private final TaskDispatcher dispatcher = new TaskDispatcher(
            new TaskWriteContext(server.api(), tasks, new WriteSlots(1), () -> true, () -> Instant.EPOCH),
            new SpecCache(0),
            services.queues,
            services.services,
            TestingServices.MAX_DEADLINE);

    TaskDispatcherTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void theRequestOfATask() {
        Preparation preparation = prepare(
                "annotations: {'taskqueue.dev/key': 'o-1'}",
                "{dispatchDeadline: '7s', httpRequest: {%s, path: '/a?x=1', method: 'PUT', body: 'hello', headers: {'X-Mine': '1'}}}");
        PreparedRequest request = ready(preparation);
        assertThat(request.deadline()).isEqualTo(Duration.ofSeconds(7));
        assertThat(request.size()).isEqualTo(1500 + 2 * "hello".length());
        assertThat(request).hasToString("PreparedDelivery[Task shop/a]");
        OutboundRequest sent = services.send(TASK, preparation);
        assertThat(sent.method()).isEqualTo("PUT");
        assertThat(sent.path()).isEqualTo("/a?x=1");
        assertThat(new String(sent.body(), UTF_8)).isEqualTo("hello");
        assertThat(sent.deadline()).isEqualTo(Duration.ofSeconds(7));
        assertThat(sent.target().host()).isEqualTo("worker.shop.svc");
        assertThat(sent.target().security()).isEqualTo(new OutboundRequest.Security.Plain());
        assertThat(sent.headers())
                .contains(
                        entry("X-Mine", "1"),
                        entry("X-CloudTasks-TaskName", "o-1"),
                        entry("Idempotency-Key", "uid-a"),
                        entry("TaskQueue-Deadline", "2026-11-21T09:00:07Z"));
        assertThat(sent.headers().keySet()).noneMatch(name -> name.startsWith("TaskQueue-Batch"));
    }

    @Test
    void aTaskOfADeadLetterQueueSaysWhereItFailed() {
        Preparation preparation = prepare(
                "",
                "{httpRequest: {%s}, deadLetterOf: {queue: 'orders', task: 'b', reason: 'RetriesExhausted', attempts: 5, statusCode: 503}}");
        assertThat(services.send(TASK, preparation).headers())
                .contains(
                        entry("TaskQueue-DeadLetter-Queue", "orders"),
                        entry("TaskQueue-DeadLetter-Task", "b"),
                        entry("TaskQueue-DeadLetter-Reason", "RetriesExhausted"),
                        entry("TaskQueue-DeadLetter-Attempts", "5"),
                        entry("TaskQueue-DeadLetter-Status-Code", "503"));
    }

    @Test
    void aTokenIsSentUntilTheHandlerRefusesIt() {
        services.queue("{httpTarget: {serviceAccountToken: {serviceAccountName: 'caller'}}}");
        services.answer = 401;
        services.send(TASK, prepare("", "{httpRequest: {%s}}"));
        services.advance(Duration.ofSeconds(6));
        OutboundRequest second = services.send(TASK, prepare("", "{httpRequest: {%s}}"));
        assertThat(second.headers()).containsEntry("Authorization", "Bearer " + TestingServices.token(1));
        OutboundRequest third = services.send(TASK, prepare("", "{httpRequest: {%s}}"));
        assertThat(third.headers()).containsEntry("Authorization", "Bearer " + TestingServices.token(2));
        assertThat(services.asked)
                .containsExactly("shop/caller for http://worker.shop.svc", "shop/caller for http://worker.shop.svc");
    }

    @Test
    void aTaskWithoutItsQueueIsNotSent() {
        services.queues.remove(ORDERS);
        assertThat(obstacle(prepare("", "{httpRequest: {%s}}")))
                .isEqualTo("QueueNotFound: TaskQueue shop/orders does not exist: create it, and sending begins.");
    }

    @Test
    void aDeadlineAboveTheLimitIsRefused() {
        assertThat(obstacle(prepare("", "{dispatchDeadline: '31m', httpRequest: {%s}}")))
                .startsWith("LimitExceeded: ");
        services.queue("{dispatchDeadline: '31m'}");
        assertThat(obstacle(prepare("", "{httpRequest: {%s}}")))
                .startsWith("LimitExceeded: The queue's dispatchDeadline 31m is above 30m: lower it");
        assertThat(ready(prepare("", "{dispatchDeadline: '7s', httpRequest: {%s}}"))
                        .deadline())
                .isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void aServiceThatTurnsToHttpsIsPreparedForAnew() {
        PreparedRequest request = ready(prepare("", "{httpRequest: {%s}}"));
        services.worker("https");
        assertThat(request.finalCheck())
                .isInstanceOfSatisfying(
                        FinalCheck.Blocked.class,
                        blocked -> assertThat(blocked.obstacle().message())
                                .isEqualTo(
                                        "Service shop/worker has just changed to HTTPS: the request is prepared anew."));
    }

    @Test
    void aFailureKeepsTheRequestForTheDeadLetter() {
        services.queue("{deadLetter: {queueRef: {name: 'failed'}}, httpTarget: {path: '/queues'}}");
        services.send(TASK, prepare("", "{httpRequest: {%s}}"));
        assertThat(record().takeDeadLetterDraft()).isNull();
        services.answer = 503;
        services.send(TASK, prepare("", "{httpRequest: {%s}}"));
        DeadLetterDraft draft = Objects.requireNonNull(record().takeDeadLetterDraft());
        assertThat(draft.request().path()).isEqualTo("/queues");
    }

    @Test
    void theSummaryOfARequestIsKeptIfTheQueueHasAPartInIt() {
        services.send(TASK, prepare("", "{httpRequest: {%s, path: '/a'}}"));
        assertThat(record().sentRequest()).isNull();
        services.queue("{httpTarget: {method: 'PUT'}}");
        services.send(TASK, prepare("", "{httpRequest: {%s, path: '/a'}}"));
        RequestSummary summary = Objects.requireNonNull(record().sentRequest());
        assertThat(summary.url()).isEqualTo("http://worker.shop.svc:80/a");
        assertThat(summary.method()).isEqualTo("PUT");
    }

    private TaskRecord record() {
        return Objects.requireNonNull(tasks.get(TASK));
    }

    /** Prepares Task {@code shop/a} with this spec; {@code %s} stands for the reference to the worker. */
    private Preparation prepare(String metadata, String spec) {
        String whole =
                "{queueRef: {name: 'orders'}, " + spec.formatted(TO_WORKER).substring(1);
        JsonNode task = TestingTasks.task("a", 1, metadata, whole);
        if (tasks.get(TASK) == null) {
            TestingTasks.seen(tasks, task);
        }
        server.then(200, task.toString());
        return dispatcher.prepare(DELIVERY, ORDERS);
    }
}
