package dev.taskqueue.gateway.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.gateway.ops.GatewayMeters;
import dev.taskqueue.gateway.testing.MemoryCluster;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The queues that are known. */
class QueueCacheTest {
    /** A rule with {@code {project}} lets a caller name as many namespaces as it likes. */
    @Test
    void namespacesThatWereOnlyAskedForAreNotKept() {
        var cache = new QueueCache(new ClusterClient(new MemoryCluster(), 8, new GatewayMeters("test")));
        CallContext call = CallContext.within(Caller.OWN, Duration.ofSeconds(20));
        for (int i = 0; i < 100; i++) {
            assertThat(cache.find(call, "project-" + i, "orders")).isEmpty();
            cache.remove("project-" + i, "orders");
        }
        assertThat(cache.namespaces()).isEmpty();
    }
}
