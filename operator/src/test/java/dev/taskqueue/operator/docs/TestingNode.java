package dev.taskqueue.operator.docs;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.taskqueue.controlplane.testing.TestFolders;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.TestingCertificate;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Simulates the scheduler, kubelet and kube-proxy of a cluster with one node. It takes every Pod, runs its container as a process of this machine,
 * writes the Pod's status, serves its log, and forwards connections to ClusterIPs to it. So the real controllers make Deployments available and give
 * Services endpoints.
 */
final class TestingNode implements AutoCloseable {
    private static final String NAME = "node";
    private static final long PAUSE_MILLIS = 200;

    private final ControlPlane plane;
    private final KubernetesClient client;
    private final HttpsServer logs;
    private final Map<String, Runner> runners = new ConcurrentHashMap<>();
    private final Map<String, ServicePort> ports = new HashMap<>();
    private final Thread thread = new Thread(this::work, "node");
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile @Nullable RuntimeException failure;
    private int addresses;

    /** A Pod on this node, by its uid. */
    private static final class Runner {
        final Pod pod;
        final ContainerProcess process;
        final String address;
        volatile boolean ready;

        Runner(Pod pod, ContainerProcess process, String address) {
            this.pod = pod;
            this.process = process;
            this.address = address;
        }

        boolean isBehind(Service service) {
            return ready
                    && pod.getMetadata()
                            .getNamespace()
                            .equals(service.getMetadata().getNamespace())
                    && pod.getMetadata()
                            .getLabels()
                            .entrySet()
                            .containsAll(service.getSpec().getSelector().entrySet());
        }
    }

    TestingNode(ControlPlane plane) throws Exception {
        this.plane = plane;
        this.client = plane.client();
        logs = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var certificate = TestingCertificate.madeOutFor(NAME, TestFolders.create(NAME));
        logs.setHttpsConfigurator(new HttpsConfigurator(certificate.serverContext()));
        logs.createContext("/containerLogs/", this::serveLog);
        logs.start();
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(NAME)
                        .endMetadata()
                        .build())
                .create();
        client.nodes().withName(NAME).subresource("status").patch(PatchContext.of(PatchType.JSON_MERGE), """
                {"status": {"addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
                 "daemonEndpoints": {"kubeletEndpoint": {"Port": %d}}}}
                """.formatted(
                        logs.getAddress().getPort()));
        thread.start();
    }

    /** Throws the first failure of this node, if there was any. */
    void check() {
        RuntimeException wrong = failure;
        if (wrong != null) {
            throw new IllegalStateException("the node has stopped", wrong);
        }
    }

    private void work() {
        try {
            do {
                serve(client.services().inAnyNamespace().list().getItems());
                List<Pod> pods = client.pods().inAnyNamespace().list().getItems();
                pods.forEach(this::look);
                forget(pods);
            } while (!stopping.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void look(Pod pod) {
        try {
            Runner runner = runners.get(pod.getMetadata().getUid());
            if (pod.getMetadata().getDeletionTimestamp() != null) {
                end(pod);
            } else if (pod.getSpec().getNodeName() == null) {
                bind(pod);
            } else if (runner == null) {
                String address = "192.0.2." + ++addresses;
                runners.put(pod.getMetadata().getUid(), new Runner(pod, ContainerProcess.start(plane, pod), address));
            } else if (!runner.ready && runner.process.isReady()) {
                runner.ready = true;
                tellReady(runner);
            }
        } catch (KubernetesClientException e) {
            // The Pod was changed or deleted after it was listed. The next loop sees its new state.
            if (e.getCode() != 404 && e.getCode() != 409) {
                throw e;
            }
        }
    }

    private void bind(Pod pod) {
        client.bindings()
                .inNamespace(pod.getMetadata().getNamespace())
                .resource(new BindingBuilder()
                        .withNewMetadata()
                        .withName(pod.getMetadata().getName())
                        .endMetadata()
                        .withNewTarget()
                        .withKind("Node")
                        .withName(NAME)
                        .endTarget()
                        .build())
                .create();
    }

    private void tellReady(Runner runner) {
        String container = runner.pod.getSpec().getContainers().getFirst().getName();
        client.pods()
                .inNamespace(runner.pod.getMetadata().getNamespace())
                .withName(runner.pod.getMetadata().getName())
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), """
                        {"status": {"phase": "Running", "podIP": "%1$s", "podIPs": [{"ip": "%1$s"}],
                         "conditions": [{"type": "Ready", "status": "True"}, {"type": "ContainersReady", "status": "True"}],
                         "containerStatuses": [{"name": "%2$s", "image": "", "imageID": "", "restartCount": 0, "ready": true,
                                                "state": {"running": {}}}]}}
                        """.formatted(runner.address, container));
    }

    private void end(Pod pod) {
        Runner runner = runners.remove(pod.getMetadata().getUid());
        if (runner != null) {
            runner.process.close();
        }
        client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .withGracePeriod(0)
                .delete();
    }

    private void forget(List<Pod> pods) {
        var there = new HashSet<String>();
        pods.forEach(pod -> there.add(pod.getMetadata().getUid()));
        for (Runner runner : List.copyOf(runners.values())) {
            if (!there.contains(runner.pod.getMetadata().getUid())) {
                runners.remove(runner.pod.getMetadata().getUid());
                runner.process.close();
            }
        }
    }

    private void serve(List<Service> services) {
        var there = new HashSet<String>();
        for (Service service : services) {
            String address = service.getSpec().getClusterIP();
            if (service.getSpec().getSelector() == null || "None".equals(address)) {
                continue;
            }
            for (var port : service.getSpec().getPorts()) {
                String key = service.getMetadata().getUid() + "/" + port.getPort();
                there.add(key);
                ports.computeIfAbsent(key, _ -> new ServicePort(address, port.getPort(), () -> backend(service)));
            }
        }
        ports.entrySet().removeIf(open -> {
            if (!there.contains(open.getKey())) {
                open.getValue().close();
                return true;
            }
            return false;
        });
    }

    /** The port of the youngest Pod: once it is ready, a rollout deletes the others. */
    private OptionalInt backend(Service service) {
        return runners.values().stream()
                .filter(runner -> runner.isBehind(service))
                .max(Comparator.comparing(runner -> runner.pod.getMetadata().getCreationTimestamp()))
                .map(runner -> OptionalInt.of(runner.process.port()))
                .orElseGet(OptionalInt::empty);
    }

    /** {@code /containerLogs/NAMESPACE/POD/CONTAINER} */
    private void serveLog(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getPath().split("/", -1);
        byte[] log = runners.values().stream()
                .filter(runner -> runner.pod.getMetadata().getNamespace().equals(path[2])
                        && runner.pod.getMetadata().getName().equals(path[3]))
                .map(runner -> runner.process.log())
                .findFirst()
                .orElse("")
                .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, log.length == 0 ? -1 : log.length);
        exchange.getResponseBody().write(log);
        exchange.close();
    }

    @Override
    public void close() {
        stopping.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        runners.values().forEach(runner -> runner.process.close());
        ports.values().forEach(ServicePort::close);
        logs.stop(0);
    }
}
