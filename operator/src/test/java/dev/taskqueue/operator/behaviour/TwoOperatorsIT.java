package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Two packaged operators that serve one namespace by mistake: each has a Lease of its own, so both lead. */
@Order(TestCluster.LONG_FIRST)
class TwoOperatorsIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    @Test
    void twoOperatorsWithDifferentLeasesNoticeEachOther() {
        cluster.worker("worker");
        cluster.queue("orders", "{}");
        OperatorProcess first = cluster.leadingReplica();
        // The chart's Role grants one Lease only, so the second operator has the rights of an administrator.
        try (var second = new OperatorProcess(
                cluster.plane().kubeconfig(),
                cluster.environment(
                        "LEADER_ELECTION=true",
                        "LEASE_NAMESPACE=" + cluster.namespace(),
                        "LEASE_NAME=other",
                        "LEASE_DURATION=" + TestCluster.LEASE_DURATION))) {
            second.awaitReady();
            await().until(() -> second.metric("taskqueue_leader") == 1);
            assertThat(first.metric("taskqueue_leader")).isEqualTo(1);
            var created = new AtomicInteger();
            await("that both say so").pollInterval(Duration.ofMillis(500)).until(() -> {
                cluster.task(
                        "t" + created.incrementAndGet(),
                        "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}");
                return List.of(first, second).stream()
                        .allMatch(operator -> operator.metric("taskqueue_foreign_writes_total") > 0);
            });
            assertSaysSo(first, "other");
            assertSaysSo(second, TestCluster.LEASE);
        }
    }

    private void assertSaysSo(OperatorProcess operator, String otherLease) {
        String sentence = "Another operator, with Lease %s/%s, serves namespace %s too, so Tasks are sent twice"
                .formatted(cluster.namespace(), otherLease, cluster.namespace());
        assertThat(operator.log()).containsOnlyOnce(sentence).containsPattern("ERROR ForeignWriteReporter");
        assertThat(operator.readiness()).startsWith("ok\n").contains(sentence);
    }
}
