package dev.taskqueue.operator.prepare;

import static dev.taskqueue.operator.prepare.TestingServices.ORDERS;
import static dev.taskqueue.operator.prepare.TestingServices.obstacle;
import static dev.taskqueue.operator.prepare.TestingServices.ready;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.taskqueue.operator.api.DeadLetterOf;
import dev.taskqueue.operator.dispatch.OutboundRequest;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.engine.Dispatcher;
import dev.taskqueue.operator.engine.Dispatcher.FinalCheck;
import dev.taskqueue.operator.engine.Dispatcher.Preparation;
import dev.taskqueue.operator.engine.Dispatcher.PreparedRequest;
import dev.taskqueue.operator.testing.TestingApiServer;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests which request an item of a TaskBatch becomes. {@link BatchTemplatesTest} tests what the items of a batch share. */
class ItemDispatcherTest {
    private static final TestingItem ITEM = TestingItem.of("{serviceRef: {name: 'worker'}, path: '/invoice'}");

    private final TestingApiServer server = new TestingApiServer();
    private final TestingServices services = new TestingServices();
    private ItemContents.Lookup lookup = new ItemContents.Lookup.Gone();
    private final ItemDispatcher dispatcher = new ItemDispatcher(
            item -> lookup,
            services.queues,
            new BatchTemplates(server.api(), services::nanos, 1000),
            services.services,
            TestingServices.MAX_DEADLINE);

    ItemDispatcherTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void theRequestOfAnItem() {
        TestingItem item = ITEM.with("headers: {'X-Mine': '1'}").body("hello");
        PreparedRequest request = ready(prepare(item));
        assertThat(request.deadline()).isEqualTo(Duration.ofMinutes(10));
        assertThat(request).hasToString("PreparedDelivery[item 7 of TaskBatch shop/invoices]");
        assertThat(item.content()).hasToString("ItemContent[shop/invoices[7]]");
        OutboundRequest sent = send(item);
        assertThat(sent.method()).isEqualTo("POST");
        assertThat(sent.path()).isEqualTo("/invoice");
        assertThat(new String(sent.body(), UTF_8)).isEqualTo("hello");
        assertThat(sent.target().host()).isEqualTo("worker.shop.svc");
        assertThat(sent.headers())
                .containsOnly(
                        entry("X-Mine", "1"),
                        entry("User-Agent", "Google-Cloud-Tasks"),
                        entry("Idempotency-Key", "uid-invoices-7"),
                        entry("traceparent", sent.headers().get("traceparent")),
                        entry("TaskQueue-Namespace", "shop"),
                        entry("TaskQueue-Attempt", "1"),
                        entry("TaskQueue-Max-Attempts", "100"),
                        entry("TaskQueue-Deadline", "2026-11-21T09:10:00Z"),
                        entry("TaskQueue-Batch", "invoices"),
                        entry("TaskQueue-Batch-Index", "7"),
                        entry("TaskQueue-Batch-Size", "1000"),
                        entry("X-CloudTasks-QueueName", "orders"),
                        entry("X-CloudTasks-TaskName", "invoices-7"),
                        entry("X-CloudTasks-TaskRetryCount", "0"),
                        entry("X-CloudTasks-TaskExecutionCount", "0"),
                        entry("X-CloudTasks-TaskETA", "1795251600.000000"));
    }

    @Test
    void nobodyElseSetsThePlaceInTheBatch() {
        OutboundRequest sent = send(ITEM.with("headers: {'taskqueue-batch': 'x', 'TASKQUEUE-BATCH-INDEX': '9'}"));
        assertThat(sent.headers().entrySet().stream()
                        .filter(header ->
                                header.getKey().toLowerCase(Locale.ROOT).startsWith("taskqueue-batch"))
                        .map(Map.Entry::getValue))
                .containsExactly("invoices", "7", "1000");
    }

    /** The body of the item, that of the template, a Content-Type, and what the handler gets. */
    @ParameterizedTest(name = "[{index}]")
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "none", textBlock = """
            none  | none                                                             | ``         | none
            none  | body: 'all'                                                      | all        | none
            none  | json: {a: 1}                                                     | {"a":1}    | application/json
            text  | none                                                             | text       | none
            text  | body: 'all'                                                      | text       | none
            text  | json: {a: 1}                                                     | text       | none
            text  | bodyFrom: {secretKeyRef: {name: 'absent', key: 'k'}}             | text       | none
            ``    | body: 'all'                                                      | ``         | none
            [ 1 ] | body: 'all'                                                      | [ 1 ]      | application/json
            [ 1 ] | json: {a: 1}                                                     | [ 1 ]      | application/json
            [ 1 ] | headers: {'content-type': 'x/y'}                                 | [ 1 ]      | x/y
            """)
    void theItemsBodyReplacesThatOfTheTemplate(
            @Nullable String own, @Nullable String template, String body, @Nullable String type) {
        TestingItem item = template == null ? ITEM : ITEM.with(template);
        OutboundRequest sent = send(own == null ? item : own.startsWith("[") ? item.json(own) : item.body(own));
        assertThat(new String(sent.body(), UTF_8)).isEqualTo(body);
        assertThat(sent.headers().entrySet().stream()
                        .filter(header -> header.getKey().equalsIgnoreCase("Content-Type"))
                        .map(Map.Entry::getValue))
                .isEqualTo(type == null ? List.of() : List.of(type));
    }

    @Test
    void theQueuesTargetHasItsPart() {
        services.queue("{httpTarget: {path: '/queues', headers: {'X-Queue': '2'}, method: 'PUT'}}");
        OutboundRequest sent = send(ITEM);
        assertThat(sent.path()).isEqualTo("/invoice");
        assertThat(sent.method()).isEqualTo("PUT");
        assertThat(sent.headers()).containsEntry("X-Queue", "2");
        services.queue("{httpTarget: {mode: 'Always', path: '/queues'}}");
        assertThat(send(ITEM).path()).isEqualTo("/queues");
    }

    @Test
    void messagesNameTheBatchAndNoTask() {
        assertThat(obstacle(prepare(TestingItem.of("{}"))))
                .isEqualTo(
                        "TargetNotFound: Neither the batch nor its queue's httpTarget names a serviceRef: name one in the queue.");
        services.queue("{httpTarget: {headers: {'X-Queue': '%s'}}}".formatted("x".repeat(50_000)));
        assertThat(obstacle(prepare(ITEM.with("headers: {'X-Long': '%s'}".formatted("x".repeat(40_000))))))
                .startsWith("LimitExceeded: The headers of TaskQueue shop/orders and of the batch are too much: ");
    }

    @Test
    void anItemOfADeadLetterBatchSaysWhereItFailed() {
        var origin = new DeadLetterOf("orders", "invoices", "uid-invoices", "RetriesExhausted", 5, 503, 0);
        assertThat(send(ITEM.failed(origin)).headers())
                .contains(
                        entry("TaskQueue-DeadLetter-Queue", "orders"),
                        entry("TaskQueue-DeadLetter-Task", "invoices"),
                        entry("TaskQueue-DeadLetter-Attempts", "5"));
    }

    @Test
    void aTokenIsSentForAllItems() {
        TestingItem item = ITEM.with("serviceAccountToken: {serviceAccountName: 'caller'}");
        for (int index = 0; index < 3; index++) {
            assertThat(send(item.at(index)).headers())
                    .containsEntry("Authorization", "Bearer " + TestingServices.token(1));
        }
        assertThat(services.asked).containsExactly("shop/caller for http://worker.shop.svc");
    }

    @Test
    void anItemThatIsGoneOrCannotBeReadIsNotSent() {
        assertThat(dispatcher.prepare(new DeliveryId(ITEM.id(), 1), ORDERS)).isEqualTo(new Preparation.NoTask());
        Obstacle obstacle = Obstacle.noQueue(ORDERS);
        lookup = new ItemContents.Lookup.Unreadable(obstacle);
        assertThat(dispatcher.prepare(new DeliveryId(ITEM.id(), 1), ORDERS))
                .isEqualTo(new Preparation.Blocked(obstacle));
    }

    @Test
    void anItemWithoutQueueTargetOrTokenIsNotSent() {
        assertThat(obstacle(prepare(TestingItem.of("{}")))).startsWith("TargetNotFound: ");
        assertThat(obstacle(prepare(TestingItem.of("{serviceRef: {name: 'none'}}"))))
                .startsWith("TargetNotFound: ");
        assertThat(
                        obstacle(
                                prepare(
                                        ITEM.with(
                                                "serviceAccountToken: {serviceAccountName: 'caller', audience: 'https://kubernetes.default.svc'}"))))
                .startsWith("TokenNotPermitted: ");
        services.queues.remove(ORDERS);
        assertThat(obstacle(prepare(ITEM))).startsWith("QueueNotFound: ");
    }

    @Test
    void aDeadlineAboveTheLimitIsRefused() {
        assertThat(ready(prepare(ITEM.deadline("7s"))).deadline()).isEqualTo(Duration.ofSeconds(7));
        assertThat(obstacle(prepare(ITEM.deadline("31m")))).startsWith("LimitExceeded: ");
        services.queue("{dispatchDeadline: '31m'}");
        assertThat(obstacle(prepare(ITEM)))
                .startsWith("LimitExceeded: The queue's dispatchDeadline 31m is above 30m: lower it");
    }

    @Test
    void aServiceThatTurnsToHttpsIsPreparedForAnew() {
        PreparedRequest request = ready(prepare(ITEM));
        services.worker("https");
        assertThat(request.finalCheck()).isInstanceOf(FinalCheck.Blocked.class);
        assertThat(send(ITEM).target().security()).isEqualTo(new OutboundRequest.Security.Tls(null, null));
    }

    @Test
    void aLargeBodyIsReadAgainWhenItsTurnComes() {
        Dispatcher late = new LateLoadingDispatcher(dispatcher);
        byte[] body = new byte[(int) LateLoadingDispatcher.LIMIT];
        Arrays.fill(body, (byte) 'x');
        TestingItem item = ITEM.body(new String(body, UTF_8));
        lookup = new ItemContents.Lookup.Found(item.content());
        assertThat(late.prepare(new DeliveryId(item.id(), 1), ORDERS))
                .isInstanceOfSatisfying(
                        Preparation.Large.class,
                        large -> assertThat(large.size()).isEqualTo(LateLoadingDispatcher.LIMIT + 700));
        PreparedRequest fetched = ready(late.fetch(new DeliveryId(item.id(), 1), ORDERS));
        assertThat(fetched.size()).isEqualTo(LateLoadingDispatcher.LIMIT + 700);
        lookup = new ItemContents.Lookup.Found(ITEM.body("small").content());
        assertThat(ready(late.prepare(new DeliveryId(item.id(), 1), ORDERS)).size())
                .isEqualTo(5 + 700);
    }

    private Preparation prepare(TestingItem item) {
        lookup = new ItemContents.Lookup.Found(item.content());
        return dispatcher.prepare(new DeliveryId(item.id(), 1), ORDERS);
    }

    private OutboundRequest send(TestingItem item) {
        return services.send(item.id(), prepare(item));
    }
}
