package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RevocableAccount;
import dev.taskqueue.operator.testing.TestCluster;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs an operator for two namespaces. One of them has no RoleBinding, so it refuses the operator. */
class ServedNamespacesIT {
    private static final String TASK = "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}";

    @AutoClose
    private final TestCluster works = new TestCluster();

    @AutoClose
    private final TestCluster refuses = new TestCluster();

    private final RecordingWorker worker = works.worker("worker");
    private final RecordingWorker other = refuses.worker("worker");
    private final RevocableAccount account = RevocableAccount.create(works);

    @BeforeEach
    void grant() {
        account.bind(works, "taskqueue");
        account.bind(works, "taskqueue-lease");
        works.queue("orders", "{}");
        refuses.queue("orders", "{}");
    }

    @Test
    void whatRefusesFromTheStartHoldsUpNothingElseAndIsServedOnceItMayBe() {
        try (var operator = account.start(works, refuses)) {
            operator.awaitReady();
            works.task("a", TASK);
            refuses.task("b", TASK);
            works.awaitState("a", "Succeeded");
            assertRefused(operator);
            assertThat(other.received()).isEmpty();
            account.bind(refuses, "taskqueue");
            refuses.awaitState("b", "Succeeded");
            assertServed(operator);
            assertThat(worker.tasks()).containsExactly("a");
            assertThat(other.tasks()).containsExactly("b");
        }
    }

    @Test
    void whatBeginsToRefuseHoldsUpNoTakeOver() {
        account.bind(refuses, "taskqueue");
        try (var leader = account.start(works, refuses);
                var standby = startSecond(leader)) {
            refuses.task("before", TASK);
            refuses.awaitState("before", "Succeeded");
            account.unbind(refuses, "taskqueue");
            leader.kill();
            works.task("a", TASK);
            refuses.task("b", TASK);
            works.awaitState("a", "Succeeded");
            assertThat(standby.metric("taskqueue_leader")).isEqualTo(1);
            assertThat(standby.isReady()).isTrue();
            assertThat(other.tasks()).containsExactly("before");
            account.bind(refuses, "taskqueue");
            refuses.awaitState("b", "Succeeded");
            assertServed(standby);
            assertThat(other.tasks()).containsExactly("before", "b");
        }
    }

    private OperatorProcess startSecond(OperatorProcess leader) {
        await().until(leader::isReady);
        await().until(() -> leader.metric("taskqueue_leader") == 1);
        OperatorProcess standby = account.start(works, refuses);
        standby.awaitReady();
        return standby;
    }

    private void assertRefused(OperatorProcess operator) {
        await().until(() -> operator.readiness().contains("Namespace " + refuses.namespace() + " is not served"));
        assertThat(operator.isReady()).isTrue();
        assertThat(operator.readiness())
                .startsWith("ok\n")
                .containsPattern("the API server answers 403 to list [a-z]+")
                .doesNotContain("Namespace " + works.namespace() + " ");
        assertThat(operator.metric(served(refuses))).isZero();
        assertThat(operator.metric(served(works))).isEqualTo(1);
        assertThat(operator.log())
                .containsOnlyOnce("Namespace " + refuses.namespace() + " is not served")
                .doesNotContain("\tat ");
    }

    private void assertServed(OperatorProcess operator) {
        await().until(() -> operator.metric(served(refuses)) == 1);
        assertThat(operator.readiness()).isEqualTo("ok\n");
        assertThat(operator.log()).doesNotContain("Namespace " + works.namespace() + " is not served");
    }

    private static String served(TestCluster cluster) {
        return "taskqueue_namespace_served{namespace=\"" + cluster.namespace() + "\"}";
    }
}
