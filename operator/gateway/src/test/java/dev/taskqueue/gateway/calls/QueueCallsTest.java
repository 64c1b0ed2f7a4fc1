package dev.taskqueue.gateway.calls;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.cloud.tasks.v2.ListQueuesRequest;
import com.google.cloud.tasks.v2.ListQueuesResponse;
import com.google.cloud.tasks.v2.Queue;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.cluster.Caller;
import dev.taskqueue.gateway.cluster.ClusterClient;
import dev.taskqueue.gateway.mapping.MappingRules;
import dev.taskqueue.gateway.mapping.TaskLimits;
import dev.taskqueue.gateway.mapping.TaskObjectWriter;
import dev.taskqueue.gateway.ops.GatewayMeters;
import dev.taskqueue.gateway.testing.MemoryCluster;
import dev.taskqueue.gateway.testing.TestGateway;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Pages of queues: as many as are asked for, read in chunks that the API server answers quickly. */
class QueueCallsTest {
    private static final MappingRules RULES = TestGateway.rules(TestGateway.MAPPING);

    private final MemoryCluster cluster = new MemoryCluster();
    private final QueueCalls calls = new QueueCalls(
            new ClusterClient(cluster, 8, new GatewayMeters("test")),
            new NamespaceResolver(
                    () -> RULES,
                    Set.of(),
                    rules -> new TaskObjectWriter(
                            rules,
                            new TaskLimits(Duration.ofDays(30), Duration.ofMinutes(30)),
                            (n, s) -> false,
                            n -> {})));

    private void queues(int count) {
        for (int i = 0; i < count; i++) {
            boolean paused = i % 10 == 0;
            cluster.put(
                    "shop",
                    "taskqueues",
                    "{\"metadata\":{\"name\":\"q-%05d\"},\"spec\":{\"state\":\"%s\"}}"
                            .formatted(i, paused ? "Paused" : "Running"));
        }
    }

    private ListQueuesResponse page(int size, String filter, String token) {
        return calls.list(
                CallContext.within(new Caller("system:serviceaccount:shop:admin", List.of()), Duration.ofMinutes(1)),
                ListQueuesRequest.newBuilder()
                        .setParent(TestGateway.PARENT)
                        .setPageSize(size)
                        .setFilter(filter)
                        .setPageToken(token)
                        .build());
    }

    private List<String> all(int size, String filter) {
        var names = new ArrayList<String>();
        String token = "";
        do {
            ListQueuesResponse page = page(size, filter, token);
            assertThat(page.getQueuesCount()).isLessThanOrEqualTo(size);
            page.getQueuesList().stream().map(Queue::getName).forEach(names::add);
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return names;
    }

    @Test
    void aPageHasAsManyQueuesAsAreAskedFor() {
        queues(2_500);
        assertThat(page(2_400, "", "").getQueuesCount()).isEqualTo(2_400);
        assertThat(page(0, "", "").getQueuesCount()).isEqualTo(2_500);
        assertThat(page(0, "", "").getNextPageToken()).isEmpty();
        assertThat(cluster.requests).noneMatch(request -> request.path().contains("limit=2"));
    }

    @Test
    void pagesOfAnySizeGiveEachQueueOnce() {
        queues(1_203);
        for (int size : new int[] {1, 400, 1_000, 1_001, 1_203, 9_800}) {
            assertThat(all(size, "")).as("pages of %s", size).hasSize(1_203).doesNotHaveDuplicates();
        }
    }

    @Test
    void aFilterFillsThePageFromLaterChunks() {
        queues(1_500);
        assertThat(page(120, "state=PAUSED", "").getQueuesCount()).isEqualTo(120);
        assertThat(all(40, "state=PAUSED")).hasSize(150).doesNotHaveDuplicates();
        assertThat(all(7, "name:q-0149")).hasSize(10);
    }
}
