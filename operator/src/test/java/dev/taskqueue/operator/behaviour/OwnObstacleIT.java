package dev.taskqueue.operator.behaviour;

import static dev.taskqueue.operator.testing.TestCluster.names;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tasks name a wrong port, another port or a missing key of the same objects. None of the other Tasks has to wait because of them, whatever appears
 * and disappears.
 */
class OwnObstacleIT {
    private static final String HTTP = "serviceRef: {name: worker, port: http}";

    private static final Set<String> WAITING =
            Set.of("Unknown TargetNotFound", "Unknown SourceNotFound", "Unknown NoReadyEndpoint");

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker();
    private final List<String> good = names("good", 50);

    @BeforeEach
    void serve() {
        cluster.service(
                "worker",
                worker.address(),
                "[{name: http, port: %d}, {name: admin, port: 9999}]".formatted(worker.port()));
        cluster.create("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: worker-a, labels: {kubernetes.io/service-name: worker}}
                addressType: IPv4
                endpoints: [{addresses: [192.0.2.7], conditions: {ready: true}}]
                ports: [{name: http, port: 8080}]
                """);
        cluster.queue("orders", "{rateLimits: {maxDispatchesPerSecond: '500'}, retry: {maxAttempts: 1}}");
        cluster.operator();
    }

    @Test
    void oddPortsAndKeysHoldBackNobody() {
        cluster.create("{apiVersion: v1, kind: Secret, metadata: {name: sources}, stringData: {other: x}}");
        List<String> odd = odd();
        odd.forEach(name -> cluster.await(name, OwnObstacleIT::isWaiting, "a reason to wait"));
        ready(false);
        cluster.tasks(good, task(HTTP));
        good.forEach(name -> cluster.awaitReason(name, "NoReadyEndpoint"));
        ready(true);
        good.forEach(name -> cluster.awaitState(name, "Succeeded"));
        assertThat(worker.tasks()).containsExactlyInAnyOrderElementsOf(good);
        for (int i = 0; i < 5; i++) {
            assertThat(message("port-" + i)).contains("no port \"" + (i + 1) + "\"");
            assertThat(message("key-" + i)).contains("no key k" + i);
        }
        assertThat(message("admin")).contains("no ready endpoint at port admin (9999)");

        // The Tasks that wait for a key also saw the endpoint go away, and are still sent once the key exists.
        cluster.patch("secret", "sources", "{stringData: {k0: here}}");
        cluster.awaitState("key-0", "Succeeded");
        assertThat(message("key-1")).contains("no key k1");
    }

    @Test
    void theFirstInLineMayBeDeletedMeanwhile() {
        cluster.task("typo", task("serviceRef: {name: worker, port: 80}"));
        cluster.awaitReason("typo", "TargetNotFound");
        ready(false);
        cluster.tasks(good, task(HTTP));
        good.forEach(name -> cluster.awaitReason(name, "NoReadyEndpoint"));
        cluster.deleteTask("typo");
        ready(true);
        good.forEach(name -> cluster.awaitState(name, "Succeeded"));
    }

    private List<String> odd() {
        var odd = new ArrayList<String>();
        for (int i = 0; i < 5; i++) {
            cluster.task("port-" + i, task("serviceRef: {name: worker, port: %d}".formatted(i + 1)));
            cluster.task("key-" + i, task(HTTP + ", bodyFrom: {secretKeyRef: {name: sources, key: k%d}}".formatted(i)));
            odd.addAll(List.of("port-" + i, "key-" + i));
        }
        cluster.task("admin", task("serviceRef: {name: worker, port: admin}"));
        odd.add("admin");
        return odd;
    }

    private void ready(boolean ready) {
        cluster.patch(
                "endpointslice",
                "worker-a",
                "{endpoints: [{addresses: [192.0.2.7], conditions: {ready: %s}}]}".formatted(ready));
    }

    private static boolean isWaiting(JsonNode status) {
        return WAITING.contains(StatusConditions.conditions(status).getOrDefault("Succeeded", ""));
    }

    private String message(String task) {
        return StatusConditions.message(cluster.status(task));
    }

    private static String task(String request) {
        return "{queueRef: {name: orders}, httpRequest: {%s}}".formatted(request);
    }
}
