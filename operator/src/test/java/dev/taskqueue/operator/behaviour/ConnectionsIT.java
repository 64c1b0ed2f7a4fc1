package dev.taskqueue.operator.behaviour;

import static dev.taskqueue.operator.testing.TestCluster.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.TcpBalancer;
import dev.taskqueue.operator.testing.TestCluster;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** A balancer stands where kube-proxy would, behind a ClusterIP. The operator's own connections decide which Pod gets a request. */
class ConnectionsIT {
    private static final String SECOND_ONLY = "{endpoints: [{addresses: [192.0.2.2], conditions: {ready: true}}]}";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker first = cluster.worker();
    private final RecordingWorker second = cluster.worker();

    @Test
    void aSteadyLoadReachesAWorkerThatComesLaterAndLeavesOneThatGoes() throws Exception {
        try (TcpBalancer clusterIp = balancer()) {
            clusterIp.lead(at(first));
            cluster.service(
                    "worker",
                    clusterIp.address().getHostAddress(),
                    "[{name: http, port: %d}]".formatted(clusterIp.port()));
            slice("worker", "[192.0.2.1]");
            cluster.queue(
                    "orders",
                    "{state: Paused, rateLimits: {maxDispatchesPerSecond: 20, maxBurstSize: 1, maxConcurrentDispatches: 4},"
                            + " retry: {maxAttempts: 1}}");
            cluster.operator();
            List<String> names = names("t", 1000);
            cluster.tasks(names, task("worker"));
            cluster.patchQueue("orders", "{spec: {state: Running}}");
            await().until(() -> !first.received().isEmpty());

            // A connection lives for at most 10 s and every other one leads to the second worker, so the Tasks last for
            // several of them.
            clusterIp.lead(at(first), at(second));
            cluster.patch(
                    "endpointslice", "worker", "{endpoints: [{addresses: [192.0.2.1]}, {addresses: [192.0.2.2]}]}");
            await().until(() -> second.received().size() >= 50);

            // From here on requests are in flight until the operator has seen the change, so no connection is idle for
            // long, and the Tasks do not run out.
            var answers = new Semaphore(0);
            for (RecordingWorker worker : List.of(first, second)) {
                worker.script(_ -> {
                    answers.acquire();
                    return Answer.of(200);
                });
            }
            List<String> others = names("u", 300);
            cluster.tasks(others, task("worker"));
            int all = names.size() + others.size();
            clusterIp.lead(at(second));
            cluster.patch("endpointslice", "worker", SECOND_ONLY);
            awaitSeen();
            int last = first.received().size();
            int then = second.received().size();
            answers.release(all);
            cluster.patchQueue("orders", "{spec: {rateLimits: {maxDispatchesPerSecond: 500}}}");
            await().until(() -> second.received().size() >= then + 100);
            assertThat(first.received()).hasSize(last);
            await().until(() -> first.received().size() + second.received().size() >= all);
            assertThat(first.received()).hasSize(last);
            await().until(() -> cluster.tasks().stream()
                    .allMatch(task -> task.at("/status/state").asText().equals("Succeeded")));
            assertThat(first.received().size() + second.received().size()).isEqualTo(all);
        }
    }

    /** Slices are seen in the order of their changes, so a Task that waits for a later change shows that the earlier one was seen. */
    private void awaitSeen() {
        RecordingWorker marker = cluster.worker();
        cluster.service("marker", marker.address(), "[{name: http, port: %d}]".formatted(marker.port()));
        cluster.queue("markers", "{}");
        cluster.task("marker", task("marker").replace("orders", "markers"));
        cluster.awaitReason("marker", "NoReadyEndpoint");
        slice("marker", "[192.0.2.3]");
        cluster.awaitState("marker", "Succeeded");
    }

    private TcpBalancer balancer() throws Exception {
        return new TcpBalancer(InetAddress.getByName(TestCluster.nextAddress()), 0);
    }

    private void slice(String service, String addresses) {
        cluster.create("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: %1$s, labels: {kubernetes.io/service-name: %1$s}}
                addressType: IPv4
                endpoints: [{addresses: %2$s, conditions: {ready: true}}]
                ports: [{name: http, port: 8080}]
                """.formatted(service, addresses));
    }

    private static InetSocketAddress at(RecordingWorker worker) {
        return new InetSocketAddress(worker.address(), worker.port());
    }

    private static String task(String service) {
        return "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: " + service + "}}}";
    }
}
