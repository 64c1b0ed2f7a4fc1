package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.TestCluster;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs an operator for two namespaces. One of them has no RoleBinding, so it refuses the operator. */
class ServedNamespacesIT {
    private static final String ACCOUNT = "of-two";
    private static final String TASK = "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}";

    @AutoClose
    private final TestCluster works = new TestCluster();

    @AutoClose
    private final TestCluster refuses = new TestCluster();

    private final RecordingWorker worker = works.worker("worker");
    private final RecordingWorker other = refuses.worker("worker");

    @BeforeEach
    void grant() {
        works.plane().createServiceAccount(works.namespace(), ACCOUNT);
        bind(works, "taskqueue");
        bind(works, "taskqueue-lease");
        works.queue("orders", "{}");
        refuses.queue("orders", "{}");
    }

    @Test
    void whatRefusesFromTheStartHoldsUpNothingElseAndIsServedOnceItMayBe() {
        try (var operator = start()) {
            operator.awaitReady();
            works.task("a", TASK);
            refuses.task("b", TASK);
            works.awaitState("a", "Succeeded");
            assertRefused(operator);
            assertThat(other.received()).isEmpty();
            bind(refuses, "taskqueue");
            refuses.awaitState("b", "Succeeded");
            assertServed(operator);
            assertThat(worker.tasks()).containsExactly("a");
            assertThat(other.tasks()).containsExactly("b");
        }
    }

    @Test
    void whatBeginsToRefuseHoldsUpNoTakeOver() {
        bind(refuses, "taskqueue");
        try (var leader = start();
                var standby = startSecond(leader)) {
            refuses.task("before", TASK);
            refuses.awaitState("before", "Succeeded");
            unbind();
            leader.kill();
            works.task("a", TASK);
            refuses.task("b", TASK);
            works.awaitState("a", "Succeeded");
            assertThat(standby.metric("taskqueue_leader")).isEqualTo(1);
            assertThat(standby.isReady()).isTrue();
            assertThat(other.tasks()).containsExactly("before");
            bind(refuses, "taskqueue");
            refuses.awaitState("b", "Succeeded");
            assertServed(standby);
            assertThat(other.tasks()).containsExactly("before", "b");
        }
    }

    private OperatorProcess startSecond(OperatorProcess leader) {
        await().until(leader::isReady);
        await().until(() -> leader.metric("taskqueue_leader") == 1);
        OperatorProcess standby = start();
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

    private OperatorProcess start() {
        var environment = new HashMap<>(Map.of(
                "TASKQUEUE_NAMESPACES",
                works.namespace() + "," + refuses.namespace(),
                "TASKQUEUE_LEASE_NAMESPACE",
                works.namespace(),
                "TASKQUEUE_LEASE_NAME",
                TestCluster.LEASE,
                "TASKQUEUE_LEASE_DURATION",
                TestCluster.LEASE_DURATION,
                "TASKQUEUE_ALLOWED_TARGET_CIDRS",
                "127.20.0.0/16",
                "TASKQUEUE_SHUTDOWN_GRACE",
                "5s"));
        return new OperatorProcess(works.plane().kubeconfig(works.namespace(), ACCOUNT), environment);
    }

    private void bind(TestCluster cluster, String role) {
        cluster.plane()
                .client()
                .resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withName(ACCOUNT + "-" + role)
                        .withNamespace(cluster.namespace())
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "Role", role)
                        .addNewSubject("", "ServiceAccount", ACCOUNT, works.namespace())
                        .build())
                .create();
    }

    private void unbind() {
        refuses.plane()
                .client()
                .rbac()
                .roleBindings()
                .inNamespace(refuses.namespace())
                .withName(ACCOUNT + "-taskqueue")
                .delete();
    }
}
