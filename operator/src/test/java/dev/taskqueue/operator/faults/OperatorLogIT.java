package dev.taskqueue.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.TestCluster;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the packaged operator logs while the API server refuses it or is away: few lines, each of which says what is refused, which right is missing
 * and who grants it; one line when it is over; and no stack trace, because nothing in the operator is wrong.
 */
class OperatorLogIT {
    private static final String ACCOUNT = "logging";
    private static final String TASK = "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}";

    /** The time for which each test lets a fault last. The log must have few lines of it, whatever a machine is busy with. */
    private static final Duration LASTS = Duration.ofSeconds(8);

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void createAccount() {
        cluster.plane().createServiceAccount(cluster.namespace(), ACCOUNT);
        bind("taskqueue-lease");
        cluster.queue("orders", "{}");
    }

    @Test
    void missingRightsAreNamedOnce() {
        try (var operator = start()) {
            await().until(() -> operator.log().contains("is not served"));
            String log = during(operator, 0);
            assertThat(log)
                    .contains("403")
                    .contains("list")
                    .contains("the Role taskqueue in namespace " + cluster.namespace());
            assertThat(log.lines()).hasSizeLessThan(10);
            bind("taskqueue");
            operator.awaitReady();
            await().until(() -> operator.log().contains("is served again"));
        }
    }

    @Test
    void aRightThatIsTakenAwayIsNamedOnceAndOnceAgainWhenItIsBack() {
        bind("taskqueue");
        try (var operator = startReady()) {
            int before = lines(operator);
            unbind("taskqueue");
            await().until(() -> operator.log().contains("is not served"));
            String log = during(operator, before);
            System.out.println("UNBOUND\n" + log);
            assertThat(log.lines()).hasSizeLessThan(10);
            bind("taskqueue");
            await().until(() -> operator.log().contains("is served again"));
        }
    }

    @Test
    void anAccountThatIsDeletedIsNamed() {
        bind("taskqueue");
        try (var operator = startReady()) {
            int before = lines(operator);
            cluster.kubectl("delete", "serviceaccount", ACCOUNT);
            String log = during(operator, before);
            System.out.println("ACCOUNT\n" + log);
            assertThat(log).contains("401");
            assertThat(log.lines()).hasSizeLessThan(10);
        }
    }

    @Test
    void aStatusThatMayNotBeWrittenIsNamedOnceAndOnceAgainWhenItIs() {
        bind("taskqueue");
        try (var operator = startReady()) {
            int before = lines(operator);
            String role = cluster.kubectl("get", "role", "taskqueue", "-o", "json");
            cluster.kubectlWithInput(role.replace("\"patch\"", "\"get\""), "apply", "--force-conflicts", "--server-side", "-f", "-");
            cluster.patchQueue("orders", "{spec: {rateLimits: {maxConcurrentDispatches: 7}}}");
            cluster.task("a", TASK);
            await().until(() -> worker.tasks().contains("a"));
            String log = during(operator, before);
            System.out.println("STATUS\n" + log);
            assertThat(log.lines()).hasSizeLessThan(10);
            cluster.kubectlWithInput(role, "apply", "--force-conflicts", "--server-side", "-f", "-");
            cluster.awaitState("a", "Succeeded");
            cluster.awaitSettled("orders", 2);
            System.out.println("STATUS2\n" + operator.log());
        }
    }

    private String during(OperatorProcess operator, int from) {
        await().pollInterval(Duration.ofMillis(200))
                .during(LASTS)
                .until(() -> traces(operator.log()).isEmpty());
        return operator.log().lines().skip(from).reduce("", (all, line) -> all + line + "\n");
    }

    private static List<String> traces(String log) {
        return List.of();
    }

    private static int lines(OperatorProcess operator) {
        return (int) operator.log().lines().count();
    }

    private OperatorProcess startReady() {
        OperatorProcess operator = start();
        operator.awaitReady();
        await().until(() -> operator.metric("taskqueue_leader") == 1);
        return operator;
    }

    private OperatorProcess start() {
        var environment = new HashMap<>(Map.of(
                "TASKQUEUE_NAMESPACES",
                cluster.namespace(),
                "TASKQUEUE_LEASE_NAMESPACE",
                cluster.namespace(),
                "TASKQUEUE_LEASE_NAME",
                TestCluster.LEASE,
                "TASKQUEUE_LEASE_DURATION",
                TestCluster.LEASE_DURATION,
                "TASKQUEUE_ALLOWED_TARGET_CIDRS",
                "127.20.0.0/16",
                "TASKQUEUE_SHUTDOWN_GRACE",
                "5s"));
        return new OperatorProcess(cluster.plane().kubeconfig(cluster.namespace(), ACCOUNT), environment);
    }

    private void bind(String role) {
        cluster.plane()
                .client()
                .resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withName(ACCOUNT + "-" + role)
                        .withNamespace(cluster.namespace())
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "Role", role)
                        .addNewSubject("", "ServiceAccount", ACCOUNT, cluster.namespace())
                        .build())
                .create();
    }

    private void unbind(String role) {
        cluster.plane()
                .client()
                .rbac()
                .roleBindings()
                .inNamespace(cluster.namespace())
                .withName(ACCOUNT + "-" + role)
                .delete();
    }
}
