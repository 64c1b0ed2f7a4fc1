package dev.taskqueue.operator.batches;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.kube.BatchRequests;
import dev.taskqueue.operator.prepare.ItemContents;
import dev.taskqueue.operator.testing.TestingApiServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where the content of an item comes from when the items of its batch are not in memory any more. */
class BatchContentsTest {
    private static final JsonNode JSON =
            TestingBatches.json("b", "lines: '{\"path\": \"/one\"}\\n{\"path\": \"/two\"}'");

    private final TestingApiServer server = new TestingApiServer();
    private final BatchCache batches = new BatchCache();
    private final ItemListCache lists = new ItemListCache(1_000_000);
    private final BatchContents contents =
            new BatchContents(batches, new BatchRequests(server.api()), lists, Duration.ofDays(30));
    private final BatchRecord record = new BatchRecord(BatchReader.read(JSON), new BatchProgress(2), 0);

    BatchContentsTest() throws IOException {
        batches.put(record);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private ItemContents.Lookup find(int index) {
        return contents.find(new ItemId(record.id, index));
    }

    private String path(int index) {
        return String.valueOf(
                ((ItemContents.Lookup.Found) find(index)).content().request().path());
    }

    @Test
    void aBatchIsReadOnceForAllItsItems() throws Exception {
        server.then(200, JSON.toString());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<String>> finders = List.of(() -> path(0), () -> path(1), () -> path(0), () -> path(1));
            for (Future<String> path : threads.invokeAll(finders)) {
                assertThat(path.get()).isIn("/one", "/two");
            }
        }
        assertThat(server.request().method()).isEqualTo("GET");
        assertThat(server.hasRequests()).isFalse();
    }

    @Test
    void anotherObjectOfTheNameHasOtherItems() {
        ObjectNode other = JSON.deepCopy();
        ((ObjectNode) other.path("metadata")).put("uid", "other");
        server.then(200, other.toString());
        assertThat(find(0)).isInstanceOf(ItemContents.Lookup.Gone.class);
    }

    @Test
    void aDeletedBatchIsGone() {
        server.then(404, "{}");
        assertThat(find(0)).isInstanceOf(ItemContents.Lookup.Gone.class);
        assertThat(contents.find(new ItemId(new BatchId("shop", "never", "never"), 0)))
                .isInstanceOf(ItemContents.Lookup.Gone.class);
    }

    @Test
    void whileTheApiServerDoesNotAnswerTheItemWaitsForIt() {
        server.then(503, "{}").then(answer -> answer.reset());
        for (int i = 0; i < 2; i++) {
            assertThat(find(0))
                    .isInstanceOfSatisfying(
                            ItemContents.Lookup.Unreadable.class,
                            unreadable -> assertThat(unreadable.obstacle().reason())
                                    .isEqualTo(Obstacle.Reason.ApiServerUnavailable));
        }
        server.then(200, JSON.toString());
        assertThat(path(1)).isEqualTo("/two");
    }
}
