package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The CRDs are deleted and installed again while the operator runs. With a CRD, the API server deletes all its objects. */
@Order(TestCluster.LONG_FIRST)
class CrdDeletionIT {
    private static final String[] CRDS = {"taskqueues.taskqueue.dev", "tasks.taskqueue.dev", "taskbatches.taskqueue.dev"
    };

    @AutoClose
    private final ControlPlane plane = ControlPlane.startOwn();

    @AutoClose
    private final TestCluster cluster = new TestCluster(plane);

    private final RecordingWorker worker = cluster.worker("worker");

    @AutoClose
    private @Nullable OperatorProcess late;

    private static String task(String queue) {
        return "{queueRef: {name: %s}, httpRequest: {serviceRef: {name: worker}}}".formatted(queue);
    }

    @Test
    void newQueuesAndTasksAreServedWithoutARestartAndNothingOldIsLeft() {
        cluster.queue("old", "{}");
        cluster.queue("stopped", "{state: Paused}");
        OperatorProcess operator = cluster.leadingReplica();
        cluster.task("again", task("old"));
        cluster.awaitState("again", "Succeeded");
        cluster.task("waiting", task("stopped"));
        cluster.awaitState("waiting", "Queued");

        plane.kubectl("delete", "crd", CRDS[0], CRDS[1], CRDS[2], "--timeout=60s");
        await("that /readyz names the CRDs").until(() -> !operator.readiness().equals("ok\n"));
        await().until(() -> operator.log().contains("install taskqueues.taskqueue.dev")
                || operator.log().contains("install tasks.taskqueue.dev"));
        assertThat(operator.log()).contains("crds.yaml", "crds.enabled=true").doesNotContain("\tat ");
        OperatorProcess late = startWithoutCrds();

        String crds = ControlPlane.repository().resolve("crds").toString();
        plane.kubectl("create", "-f", crds);
        plane.kubectl("wait", "--for=condition=Established", "--timeout=30s", "-f", crds);
        cluster.queue("new", "{}");
        cluster.task("again", task("new"));
        cluster.queue("stopped", "{}");
        await("that the new Task is sent")
                .atMost(Duration.ofSeconds(30))
                .until(() -> cluster.status("again").path("state").asText().equals("Succeeded"));

        assertThat(operator.isAlive()).isTrue();
        assertThat(worker.tasks()).containsExactly("again", "again");
        await().until(() -> operator.metrics().contains("queue=\"new\""));
        assertThat(operator.metrics()).doesNotContain("queue=\"old\"");
        assertThat(operator.metric("taskqueue_tasks{namespace=\"" + cluster.namespace()
                        + "\",queue=\"stopped\",state=\"Queued\"}"))
                .isZero();
        await().until(() -> operator.readiness().equals("ok\n"));
        late.awaitReady();
        assertThat(late.log())
                .containsOnlyOnce(
                        "install the CRDs taskqueues.taskqueue.dev and tasks.taskqueue.dev and taskbatches.taskqueue.dev")
                .contains("The API server serves TaskQueues, Tasks and TaskBatches");
    }

    /** A second process that is started while there are no CRDs waits for them, and says so. */
    private OperatorProcess startWithoutCrds() {
        late = new OperatorProcess(
                cluster.account().kubeconfig(),
                cluster.environment(
                        "LEADER_ELECTION=true",
                        "LEASE_NAMESPACE=" + cluster.namespace(),
                        "LEASE_NAME=" + TestCluster.LEASE,
                        "LEASE_DURATION=" + TestCluster.LEASE_DURATION));
        OperatorProcess process = late;
        await().until(() -> process.log().contains("does not serve taskqueue.dev/v1beta1"));
        assertThat(process.isLive()).isTrue();
        assertThat(process.readiness())
                .startsWith("not ready: ")
                .contains(
                        "install the CRDs taskqueues.taskqueue.dev and tasks.taskqueue.dev and taskbatches.taskqueue.dev")
                .contains("kubectl apply -f charts/manifests/crds.yaml", "helm upgrade with crds.enabled=true");
        return process;
    }
}
