package dev.taskqueue.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RevocableAccount;
import dev.taskqueue.operator.testing.TestCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the packaged operator logs while the API server refuses it or is away: few lines, each of which says what is refused, which right is missing
 * and who grants it; one line when it is over; and no stack trace, because nothing in the operator is wrong.
 */
class OperatorLogIT {
    private static final String TASK = "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}";

    /** The time for which each test lets a fault last. The log must have few lines of it, whatever a machine is busy with. */
    private static final Duration LASTS = Duration.ofSeconds(8);

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");
    private final RevocableAccount account = RevocableAccount.create(cluster);

    @BeforeEach
    void grantTheLease() {
        account.bind(cluster, "taskqueue-lease");
        cluster.queue("orders", "{}");
    }

    @Test
    void missingRightsAreNamedOnce() {
        try (var operator = account.start(cluster)) {
            await().until(() -> operator.log().contains("is not served"));
            assertQuiet(operator, 0)
                    .contains("answers 403 to list services; grant the operator's ServiceAccount list on services")
                    .contains("in namespace " + cluster.namespace(), "ClusterRole", "Role there");
            assertThat(operator.readiness()).contains("answers 403 to list services; grant");
            account.bind(cluster, "taskqueue");
            operator.awaitReady();
            await().until(() -> operator.log().contains("is served again"));
        }
    }

    @Test
    void aBindingThatIsTakenAwayIsNamedOnceAndOnceMoreWhenItIsBack() {
        account.bind(cluster, "taskqueue");
        try (var operator = startReady()) {
            int before = lines(operator);
            account.unbind(cluster, "taskqueue");
            cluster.patchQueue("orders", "{spec: {rateLimits: {maxConcurrentDispatches: 7}}}");
            cluster.task("a", TASK);
            await().until(() -> worker.tasks().contains("a"));
            await().until(() -> operator.log().contains("The status of 1 TaskQueues"));
            assertQuiet(operator, before)
                    .containsOnlyOnce(
                            "Writes of kind outcome in namespace " + cluster.namespace() + " have been failing")
                    .contains("patch on tasks/status.taskqueue.dev in namespace " + cluster.namespace())
                    .contains("ClusterRole", "answers 403 to patch taskqueues/status.taskqueue.dev", "that of orders");
            account.bind(cluster, "taskqueue");
            cluster.awaitState("a", "Succeeded");
            cluster.awaitSettled("orders", 2);
            await().until(() -> operator.log().contains("The status of all TaskQueues in namespace"));
            await().untilAsserted(() -> assertThat(operator.log())
                    .containsPattern("Writes of kind outcome .* succeed again, .*: 1 were late, after [0-9]+s and"));
            assertThat(worker.tasks()).as("nothing is sent again").containsExactly("a");
        }
    }

    @Test
    void anAccountThatIsDeletedIsNamed() {
        account.bind(cluster, "taskqueue");
        try (var operator = startReady()) {
            int before = lines(operator);
            cluster.kubectl("delete", "serviceaccount", account.name());
            await().until(() -> operator.log().contains("was not renewed in time"));
            assertQuiet(operator, before)
                    .contains("Lease " + cluster.namespace() + "/taskqueue cannot be renewed")
                    .contains("401", "ServiceAccount was deleted", "restart the operator's Pods");
        }
    }

    @Test
    void anApiServerThatIsAwayIsNamedOnceAndOnceMoreWhenItIsBack() throws IOException {
        try (var faulty = new FaultyCluster(cluster.plane())) {
            faulty.queue("{}");
            try (OperatorProcess operator = faulty.startProcess(
                    "LEADER_ELECTION=true",
                    "LEASE_NAMESPACE=" + faulty.namespace,
                    "LEASE_NAME=" + TestCluster.LEASE,
                    "LEASE_DURATION=" + TestCluster.LEASE_DURATION)) {
                operator.awaitReady();
                await().until(() -> operator.metric("taskqueue_leader") == 1);
                int before = lines(operator);
                faulty.proxy.leave();
                await().until(() -> operator.log().contains("was not renewed in time"));
                await().until(() -> operator.log().contains("are not seen at the moment"));
                assertQuiet(operator, before).contains("could not be reached").doesNotContain("answers -1");
                faulty.proxy.comeBack();
                faulty.task("a");
                faulty.awaitState("a", TaskState.Succeeded);
                await().untilAsserted(() -> assertThat(operator.log())
                        .containsPattern("Changes are seen again, after [0-9]+s")
                        .containsPattern("Lease \\S+ is (renewed|read) again, after [0-9]+s"));
                assertThat(traces(operator.log())).isEmpty();
            }
        }
    }

    @Test
    void aNamespaceThatDoesNotExistIsNamed() {
        Map<String, String> environment =
                cluster.environment("NAMESPACES=" + cluster.namespace() + ",no-such-namespace");
        try (var operator = new OperatorProcess(cluster.plane().kubeconfig(), environment)) {
            operator.awaitReady();
            assertThat(operator.log())
                    .containsOnlyOnce("There is no namespace no-such-namespace, but TASKQUEUE_NAMESPACES")
                    .doesNotContain("There is no namespace " + cluster.namespace())
                    .contains("starts with TASKQUEUE_NAMESPACES=" + cluster.namespace() + ",no-such-namespace, ");
        }
    }

    /** The log since a line has few lines and no stack trace, and stays so while the fault lasts. */
    private static AbstractStringAssert<?> assertQuiet(OperatorProcess operator, int from) {
        await().pollInterval(Duration.ofMillis(200)).during(LASTS).untilAsserted(() -> {
            String log = since(operator, from);
            assertThat(traces(log)).as(log).isEmpty();
            assertThat(log.lines()).hasSizeLessThan(10);
        });
        return assertThat(since(operator, from));
    }

    private static String since(OperatorProcess operator, int line) {
        return operator.log().lines().skip(line).collect(Collectors.joining("\n"));
    }

    private static List<String> traces(String log) {
        return log.lines().filter(line -> line.startsWith("\tat ")).toList();
    }

    private static int lines(OperatorProcess operator) {
        return (int) operator.log().lines().count();
    }

    private OperatorProcess startReady() {
        OperatorProcess operator = account.start(cluster);
        operator.awaitReady();
        await().until(() -> operator.metric("taskqueue_leader") == 1);
        return operator;
    }
}
