package dev.taskqueue.operator.behaviour;

import static dev.taskqueue.operator.testing.TestCluster.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TaskHistory;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Workers come and go as the Pods of a Deployment do. One worker answers for all Pods of a Service, because it listens where kube-proxy would. The
 * EndpointSlices describe the Pods.
 */
class EndpointsIT {
    private static final String READY = "{ready: true, serving: true, terminating: false}";
    private static final String STARTING = "{ready: false, serving: false, terminating: false}";
    private static final String STOPPING = "{ready: false, serving: true, terminating: true}";
    private static final String PORTS = "ports: [{name: http, port: 8080}]";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker();
    private final Semaphore answers = new Semaphore(0);

    @Test
    void aRollingUpdateCostsNoAttemptAndNoPause() {
        serve("worker", worker);
        slice("worker-a", READY, READY);
        // Each step of the update lets a few Tasks through, so that the next step has some Tasks to send.
        worker.script(request -> {
            answers.acquire();
            return Answer.of(200);
        });
        cluster.queue("orders", "{rateLimits: {maxConcurrentDispatches: 1}, retry: {maxAttempts: 1}}");
        cluster.operator();
        List<String> names = names("t", 100);
        try (var history = new TaskHistory(cluster)) {
            cluster.tasks(names, task("worker"));
            // One new Pod starts at a time, in its own slice, as can happen. The old ones leave when a new one is
            // ready.
            List<Runnable> update = List.of(
                    () -> slice("worker-b", STARTING),
                    () -> change("worker-b", READY),
                    () -> change("worker-a", STOPPING, READY),
                    () -> change("worker-a", READY),
                    () -> change("worker-b", READY, STARTING),
                    () -> change("worker-b", READY, READY),
                    () -> change("worker-a", STOPPING),
                    () -> cluster.kubectl("delete", "endpointslice", "worker-a"),
                    () -> slice("worker-c", READY),
                    () -> change("worker-b", STOPPING, STOPPING),
                    () -> cluster.kubectl("delete", "endpointslice", "worker-b"));
            for (Runnable step : update) {
                int before = worker.received().size();
                step.run();
                answers.release(5);
                await().until(() -> worker.received().size() >= before + 5);
            }
            answers.release(names.size());
            names.forEach(name -> cluster.awaitState(name, "Succeeded"));
            assertThat(history.versions())
                    .noneMatch(version -> StatusConditions.conditions(version.status())
                            .getOrDefault("Succeeded", "")
                            .contains("NoReadyEndpoint"));
        }
        assertThat(worker.tasks()).containsExactlyInAnyOrderElementsOf(names);
        assertThat(cluster.tasks())
                .allSatisfy(task ->
                        assertThat(task.at("/status/dispatchCount").asInt()).isEqualTo(1));
    }

    @Test
    void noAttemptIsSpentWhileThereIsNobodyAndOtherTargetsGoOn(TestReporter reporter) {
        serve("worker", worker);
        slice("worker-a", READY, READY);
        RecordingWorker other = cluster.worker("other");
        cluster.queue("orders", "{retry: {maxAttempts: 1}}");
        cluster.operator();
        cluster.task("before", task("worker"));
        cluster.awaitState("before", "Succeeded");

        change("worker-a", STOPPING, STOPPING);
        cluster.task("first", task("worker"));
        cluster.awaitReason("first", "NoReadyEndpoint");
        cluster.kubectl("delete", "endpointslice", "worker-a");
        // As with kube-proxy, connections are refused from now on. A Task that is sent now loses its only attempt.
        worker.close();
        List<String> waiting = names("waiting", 50);
        cluster.tasks(waiting, task("worker"));
        cluster.tasks(names("passing", 10), task("other"));
        names("passing", 10).forEach(name -> cluster.awaitState(name, "Succeeded"));
        assertThat(other.received()).hasSize(10);
        cluster.awaitReason("waiting-49", "NoReadyEndpoint");

        RecordingWorker back = cluster.workerAt(worker.address(), worker.port());
        slice("worker-d", STARTING);
        Instant ready = Instant.now();
        change("worker-d", READY);
        cluster.awaitState("first", "Succeeded");
        waiting.forEach(name -> cluster.awaitState(name, "Succeeded"));
        assertThat(back.tasks()).containsExactlyInAnyOrderElementsOf(withFirst(waiting));
        assertThat(cluster.tasks())
                .allSatisfy(task ->
                        assertThat(task.at("/status/dispatchCount").asInt()).isEqualTo(1));
        Received first = back.received().getFirst();
        assertThat(first.at()).isAfter(ready);
        reporter.publishEntry(
                "from the command that made the first endpoint ready to the first delivery",
                Duration.between(ready, first.at()).toMillis() + " ms");
    }

    @Test
    @Requires(Prerequisite.CONTROLLER_MANAGER)
    @ResourceLock(ControlPlane.CONTROLLERS)
    void theRealControllersSlicesAreUnderstoodFromNoneToNone() {
        var plane = cluster.plane();
        plane.createServiceAccount(cluster.namespace(), "default");
        // A Pod counts only if its Node exists.
        plane.kubectlWithInput("{apiVersion: v1, kind: Node, metadata: {name: node}}", "apply", "-f", "-");
        cluster.create("""
                apiVersion: v1
                kind: Service
                metadata: {name: worker}
                spec: {clusterIP: %s, selector: {app: worker}, ports: [{name: http, port: %d}]}
                """.formatted(worker.address(), worker.port()));
        plane.startControllers("endpointslice-controller");
        try {
            // A Service without Pods has a slice whose lists are null.
            await().until(() ->
                    cluster.kubectl("get", "endpointslices", "-o", "json").contains("\"endpoints\": null"));
            cluster.queue("orders", "{retry: {maxAttempts: 1}}");
            cluster.operator();
            cluster.task("a", task("worker"));
            cluster.awaitReason("a", "NoReadyEndpoint");
            pod("one", "192.0.2.11");
            cluster.awaitState("a", "Succeeded");
            cluster.kubectl("delete", "pod", "one", "--force", "--grace-period=0");
            await().until(() ->
                    cluster.kubectl("get", "endpointslices", "-o", "json").contains("\"endpoints\": null"));
            cluster.task("b", task("worker"));
            cluster.awaitReason("b", "NoReadyEndpoint");
            pod("two", "192.0.2.12");
            cluster.awaitState("b", "Succeeded");
        } finally {
            plane.stopControllers();
        }
        assertThat(worker.tasks()).containsExactly("a", "b");
    }

    /** A Pod that runs and is ready, as a kubelet would report it. */
    private void pod(String name, String address) {
        cluster.create("""
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, labels: {app: worker}}
                spec:
                  nodeName: node
                  automountServiceAccountToken: false
                  containers: [{name: worker, image: example.com/worker, ports: [{name: http, containerPort: 8080}]}]
                """.formatted(name));
        cluster.kubectl("patch", "pod", name, "--subresource=status", "--type=merge", "-p", """
                {"status": {"phase": "Running", "podIP": "%1$s", "podIPs": [{"ip": "%1$s"}],
                 "conditions": [{"type": "Ready", "status": "True"}]}}
                """.formatted(address));
    }

    private void serve(String service, RecordingWorker to) {
        cluster.service(service, to.address(), "[{name: http, port: %d}]".formatted(to.port()));
    }

    private void slice(String name, String... pods) {
        cluster.create("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: %s, labels: {kubernetes.io/service-name: worker}}
                addressType: IPv4
                endpoints: %s
                %s
                """.formatted(name, endpoints(name, pods), PORTS));
    }

    private void change(String slice, String... pods) {
        cluster.patch("endpointslice", slice, "{endpoints: %s}".formatted(endpoints(slice, pods)));
    }

    /** Builds endpoints. The Pods have no real address here: nobody calls them by it. */
    private static List<String> endpoints(String slice, String... pods) {
        return IntStream.range(0, pods.length)
                .mapToObj(i -> "{addresses: [192.0.2.%d], conditions: %s}".formatted(slice.charAt(7) + i, pods[i]))
                .toList();
    }

    private static List<String> withFirst(List<String> others) {
        var all = new java.util.ArrayList<>(others);
        all.addFirst("first");
        return all;
    }

    private static String task(String service) {
        return "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: " + service + "}}}";
    }
}
