package dev.taskqueue.operator.prepare;

import static dev.taskqueue.operator.prepare.TestingServices.ORDERS;
import static dev.taskqueue.operator.prepare.TestingServices.obstacle;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.dispatch.OutboundRequest;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.engine.Dispatcher.Preparation;
import dev.taskqueue.operator.testing.TestingApiServer;
import dev.taskqueue.operator.testing.TestingTasks;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests what the items of a batch share, and for how long. */
class BatchTemplatesTest {
    private static final String SECRETS = """
            {serviceRef: {name: 'worker'}, headers: {'X-Plain': '1'},
             secretHeaders: [{name: 'X-Key', secretKeyRef: {name: 's', key: 'k'}}, {name: 'X-Other', secretKeyRef: {name: 's', key: 'k2'}}],
             bodyFrom: {configMapKeyRef: {name: 'bodies', key: 'b'}}}""";
    private static final TestingItem ITEM = TestingItem.of(SECRETS);
    private static final int BODY = 400;
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final TestingApiServer server = new TestingApiServer();
    private final TestingServices services = new TestingServices();
    private final Map<ItemId, ItemContent> contents = new ConcurrentHashMap<>();
    /** What the Secret and the ConfigMap say now; each read is counted. */
    private final AtomicInteger reads = new AtomicInteger();

    private volatile String version = "1";

    private interface Wait {
        void run() throws InterruptedException;
    }

    private volatile Wait beforeAnswer = () -> {};

    BatchTemplatesTest() throws IOException {
        server.then(request -> request.target().endsWith("/secrets/s"), request -> {
            countRead();
            return new TestingApiServer.Reply(
                    200, "{\"data\": {\"k\": \"%s\", \"k2\": \"%s\"}}".formatted(base64(version), base64("other")));
        });
        server.then(request -> request.target().endsWith("/configmaps/bodies"), request -> {
            countRead();
            return new TestingApiServer.Reply(200, "{\"data\": {\"b\": \"%s\"}}".formatted("x".repeat(BODY)));
        });
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void secretsAreReadOnceASecondForAllItemsOfABatch() {
        ItemDispatcher dispatcher = dispatcher(10_000);
        for (int index = 0; index < 5; index++) {
            OutboundRequest sent = send(dispatcher, ITEM.at(index));
            assertThat(sent.headers()).containsEntry("X-Key", "1").containsEntry("X-Other", "other");
            assertThat(sent.body()).hasSize(BODY);
        }
        assertThat(reads).hasValue(2);
        version = "2";
        services.advance(SECOND.minusNanos(1));
        assertThat(send(dispatcher, ITEM).headers()).containsEntry("X-Key", "1");
        services.advance(Duration.ofNanos(1));
        assertThat(send(dispatcher, ITEM).headers()).containsEntry("X-Key", "2");
        assertThat(reads).hasValue(4);
    }

    @Test
    void anotherBatchOrAChangedQueueReadsForItself() {
        ItemDispatcher dispatcher = dispatcher(10_000);
        send(dispatcher, ITEM);
        send(dispatcher, ITEM, new BatchId("shop", "invoices", "uid-of-another"));
        assertThat(reads).hasValue(4);
        services.queue("{httpTarget: {headers: {'X-Queue': '2'}}}");
        assertThat(send(dispatcher, ITEM).headers()).containsEntry("X-Queue", "2");
        assertThat(reads).hasValue(6);
    }

    @Test
    void itemsWithOwnPathsHeadersAndBodiesShareTheSecrets() {
        ItemDispatcher dispatcher = dispatcher(10_000);
        HttpRequest headers = TestingTasks.read(
                "{headers: {'X-Plain': 'mine', 'X-Key': 'plain'}, secretHeaders: [{name: 'X-Other', secretKeyRef: {name: 's', key: 'k2'}}]}",
                HttpRequest.class);
        assertThat(send(dispatcher, ITEM.laidOver("/a", null)).path()).isEqualTo("/a");
        assertThat(send(dispatcher, ITEM.laidOver("/b", null)).path()).isEqualTo("/b");
        OutboundRequest sent = send(dispatcher, ITEM.laidOver(null, headers).body("own"));
        assertThat(sent.path()).isEqualTo("/");
        assertThat(sent.headers())
                .containsEntry("X-Plain", "mine")
                .containsEntry("X-Key", "plain")
                .containsEntry("X-Other", "other");
        assertThat(new String(sent.body(), UTF_8)).isEqualTo("own");
        sent = send(dispatcher, ITEM);
        assertThat(sent.headers()).containsEntry("X-Plain", "1").containsEntry("X-Key", "1");
        assertThat(sent.body()).hasSize(BODY);
        assertThat(reads).hasValue(2);
    }

    @Test
    void theBodyOfTheTemplateIsOneArray() {
        ItemDispatcher dispatcher = dispatcher(10_000);
        TestingItem item = TestingItem.of("{serviceRef: {name: 'worker'}, body: 'hello'}");
        OutboundRequest first = send(dispatcher, item.laidOver("/a", null));
        assertThat(send(dispatcher, item.laidOver("/b", null)).body()).isSameAs(first.body());
        services.advance(SECOND);
        assertThat(send(dispatcher, item).body()).isNotSameAs(first.body()).isEqualTo(first.body());
    }

    @Test
    void whatHasNoRoomIsReadForEachItem() {
        // The body has no room beside the two headers, nor has it as the body of the request.
        ItemDispatcher dispatcher = dispatcher(BODY);
        send(dispatcher, ITEM);
        assertThat(send(dispatcher, ITEM).body()).hasSize(BODY);
        assertThat(reads).hasValue(3);
    }

    @Test
    void aTemplateThatIsForgottenGivesItsRoomBack() {
        ItemDispatcher dispatcher = dispatcher(2 * BODY + 50);
        send(dispatcher, ITEM);
        send(dispatcher, ITEM, new BatchId("shop", "other", "uid-2"));
        send(dispatcher, ITEM, new BatchId("shop", "other", "uid-2"));
        assertThat(reads).hasValue(2 + 3);
        services.advance(SECOND);
        send(dispatcher, ITEM, new BatchId("shop", "other", "uid-2"));
        send(dispatcher, ITEM, new BatchId("shop", "other", "uid-2"));
        assertThat(reads).hasValue(5 + 2);
        // A template of a profile that has changed makes room, too.
        services.queue("{}");
        send(dispatcher, ITEM, new BatchId("shop", "other", "uid-2"));
        send(dispatcher, ITEM, new BatchId("shop", "other", "uid-2"));
        assertThat(reads).hasValue(7 + 2);
    }

    @Test
    void anObstacleIsFoundOnceASecond() {
        server.then(404, "{}");
        ItemDispatcher dispatcher = dispatcher(10_000);
        TestingItem item =
                TestingItem.of("{serviceRef: {name: 'worker'}, bodyFrom: {secretKeyRef: {name: 'absent', key: 'k'}}}");
        assertThat(obstacle(prepare(dispatcher, item, TestingItem.BATCH)))
                .isEqualTo("SourceNotFound: Secret shop/absent does not exist: create it with the key k.");
        assertThat(obstacle(prepare(dispatcher, item.at(8), TestingItem.BATCH))).startsWith("SourceNotFound: ");
        services.advance(SECOND);
        server.then(200, "{\"data\": {\"k\": \"%s\"}}".formatted(base64("there")));
        assertThat(new String(send(dispatcher, item).body(), UTF_8)).isEqualTo("there");
    }

    @Test
    void itemsWaitForTheOneThatReads() throws Exception {
        ItemDispatcher dispatcher = dispatcher(10_000);
        var begun = new CountDownLatch(50);
        beforeAnswer = () -> assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Preparation>> preparations = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                int index = i;
                preparations.add(threads.submit(() -> {
                    begun.countDown();
                    return prepare(dispatcher, ITEM.at(index), TestingItem.BATCH);
                }));
            }
            for (Future<Preparation> preparation : preparations) {
                assertThat(preparation.get(30, TimeUnit.SECONDS)).isInstanceOf(Preparation.Ready.class);
            }
        }
        assertThat(reads).hasValue(2);
    }

    private void countRead() {
        reads.incrementAndGet();
        try {
            beforeAnswer.run();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private ItemDispatcher dispatcher(long budget) {
        return new ItemDispatcher(
                item -> new ItemContents.Lookup.Found(Objects.requireNonNull(contents.get(item))),
                services.queues,
                new BatchTemplates(server.api(), services::nanos, budget),
                services.services,
                TestingServices.MAX_DEADLINE);
    }

    private Preparation prepare(ItemDispatcher dispatcher, TestingItem item, BatchId batch) {
        var id = new ItemId(batch, item.index());
        contents.put(id, item.content(batch));
        return dispatcher.prepare(new DeliveryId(id, 1), ORDERS);
    }

    private OutboundRequest send(ItemDispatcher dispatcher, TestingItem item) {
        return send(dispatcher, item, TestingItem.BATCH);
    }

    private OutboundRequest send(ItemDispatcher dispatcher, TestingItem item, BatchId batch) {
        return services.send(new ItemId(batch, item.index()), prepare(dispatcher, item, batch));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }
}
