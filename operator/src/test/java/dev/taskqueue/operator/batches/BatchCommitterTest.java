package dev.taskqueue.operator.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.domain.Occurrences;
import dev.taskqueue.operator.domain.Sleeper;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.intake.NamespaceTerms;
import dev.taskqueue.operator.testing.TestingApiServer;
import dev.taskqueue.operator.testing.TestingEngine;
import dev.taskqueue.operator.testing.TestingRetries;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.WriteSlots;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which batches are written at the same time. Each batch of this test has an error, so its end is to be written at once. */
class BatchCommitterTest {
    private static final Instant NOW = Instant.parse("2026-11-20T08:00:00Z");

    private final TestingApiServer server = new TestingApiServer();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch answered = new CountDownLatch(1);
    private final Set<String> hanging = new ConcurrentSkipListSet<>();
    private final Set<String> written = new ConcurrentSkipListSet<>();
    private final BatchWork work = new BatchWork(
            new BatchPorts(
                    new TaskWriteContext(
                            server.api(),
                            new TaskCache(),
                            new WriteSlots(1),
                            () -> true,
                            () -> NOW,
                            new TestingRetries().retries(() -> NOW)),
                    new QueueProfiles(),
                    new Clocks(() -> NOW, System::nanoTime),
                    Sleeper.SYSTEM,
                    new BatchPorts.Settings(Duration.ofDays(30), 1_000_000)),
            TestingEngine.silent(() -> NOW, () -> true),
            new BatchWork.Surroundings(
                    () -> true,
                    NamespaceTerms.alone(NOW, NOW),
                    "me",
                    threads,
                    outcomes -> {},
                    new Listener() {},
                    Occurrences.DROPPED));

    BatchCommitterTest() throws IOException {
        server.then(request -> request.target().contains("/namespaces/slow/"), this::hang);
        server.then(request -> true, this::write);
        work.start(Thread.ofPlatform().daemon().factory());
    }

    private TestingApiServer.Reply hang(TestingApiServer.Request request) {
        if (request.method().equals("GET")) {
            return new TestingApiServer.Reply(503, "{}");
        }
        hanging.add(request.target());
        try {
            answered.await();
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
        return write(request);
    }

    private TestingApiServer.Reply write(TestingApiServer.Request request) {
        written.add(request.target());
        return new TestingApiServer.Reply(200, "{\"metadata\":{\"resourceVersion\":\"8\"}}");
    }

    @AfterEach
    void close() throws IOException {
        answered.countDown();
        work.close();
        threads.close();
        server.close();
    }

    private void seen(String namespace, String name) {
        ObjectNode json = (ObjectNode) TestingBatches.json(name, "lines: 'no JSON'");
        ((ObjectNode) json.path("metadata")).put("namespace", namespace).put("uid", namespace + "-" + name);
        work.intake().seen(json, 1);
    }

    @Test
    void aNamespaceWhoseWritesHangDoesNotStopTheOthers() {
        for (int i = 0; i < 20; i++) {
            seen("slow", "b" + i);
        }
        await().until(() -> !hanging.isEmpty());
        seen("shop", "b");
        await().until(() -> written.size() == 1);
        assertThat(written).allMatch(target -> target.contains("/namespaces/shop/"));
        assertThat(hanging).hasSizeLessThanOrEqualTo(8);
        answered.countDown();
        await().until(() -> written.size() == 21);
    }
}
