package dev.taskqueue.operator.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.taskqueue.operator.testing.Helm;
import dev.taskqueue.operator.testing.OperatorProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The packaged operator with the account, the permissions and the settings that the chart gives it, and with nothing else. */
class PermissionsIT {
    private static final String ADDRESS = "127.20.0.5";
    private static final String OBJECTS = """
            apiVersion: v1
            kind: Service
            metadata: {name: worker}
            spec: {clusterIP: ADDRESS, ports: [{name: http, port: PORT}]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: worker, labels: {kubernetes.io/service-name: worker}}
            addressType: IPv4
            endpoints: [{addresses: [192.0.2.7], conditions: {ready: true}}]
            ports: [{name: http, port: 8080}]
            ---
            {apiVersion: v1, kind: Secret, metadata: {name: order-worker-key}, stringData: {key: for-the-worker}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: company-ca}, data: {body: ordered}}
            ---
            apiVersion: taskqueue.dev/v1beta1
            kind: TaskQueue
            metadata: {name: orders}
            spec: {retry: {maxAttempts: 1}, retention: {succeeded: 0s}, deadLetter: {queueRef: {name: none}}}
            """;
    private static final String TASK = """
            apiVersion: taskqueue.dev/v1beta1
            kind: Task
            metadata: {name: %s}
            spec:
              queueRef: {name: orders}
              %s
              httpRequest:
                serviceRef: {name: worker}
                path: %s
                secretHeaders: [{name: X-Key, secretKeyRef: {name: order-worker-key, key: key}}]
                bodyFrom: {configMapKeyRef: {name: company-ca, key: body}}
                serviceAccountToken: {serviceAccountName: task-dispatcher}
            """;

    private final AuditLog audit;
    private final InstalledChart chart;
    private final HttpServer worker;
    private final Queue<String> delivered = new ConcurrentLinkedQueue<>();

    PermissionsIT() throws IOException {
        audit = new AuditLog(InstalledChart.OPERATOR);
        chart = new InstalledChart(audit.flags());
        worker = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(ADDRESS), 0), 0);
    }

    @BeforeEach
    void work() {
        worker.createContext("/", exchange -> {
            delivered.add(exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("X-Key") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
                    + (exchange.getRequestHeaders().containsKey("Authorization") ? " with a token" : ""));
            int code = exchange.getRequestURI().getPath().equals("/failing") ? 500 : 200;
            exchange.sendResponseHeaders(code, -1);
            exchange.close();
        });
        worker.start();
        create(
                "create",
                OBJECTS.replace("ADDRESS", ADDRESS)
                        .replace("PORT", String.valueOf(worker.getAddress().getPort())));
    }

    @AfterEach
    void close() {
        worker.stop(0);
        chart.close();
    }

    @Test
    void theOperatorIsDeniedNothingAndUsesAllItIsGranted() {
        // The probes that waited for the policies were sent in the operator's name.
        int before = audit.requests().size();
        try (var operator =
                new OperatorProcess(chart.plane().kubeconfig(InstalledChart.NAMESPACE, "taskqueue"), environment())) {
            operator.awaitReady();
            create("create", TASK.formatted("plain", "", "/plain"));
            create("create", TASK.formatted("failing", "", "/failing"));
            create("create", TASK.formatted("later", "delay: 3s", "/later"));
            create("apply", TASK.formatted("kept-in-git", "", "/kept-in-git"));
            awaitTasks("failing Failed", "failing-dl Queued", "kept-in-git Succeeded");
            operator.terminate();
            assertThat(operator.exitCode()).isEqualTo(128 + 15);
        }
        assertThat(delivered)
                .containsExactlyInAnyOrder(
                        "/plain for-the-worker ordered with a token",
                        "/failing for-the-worker ordered with a token",
                        "/later for-the-worker ordered with a token",
                        "/kept-in-git for-the-worker ordered with a token");
        var requests = audit.requests().stream().skip(before).toList();
        assertThat(requests).noneMatch(request -> request.code() == 403);
        Set<String> used = requests.stream().map(AuditLog.Request::what).collect(Collectors.toCollection(TreeSet::new));
        assertThat(used).isEqualTo(granted());
    }

    /** As in the Pod, where the lease's namespace comes from the mounted account. */
    private static Map<String, String> environment() {
        var environment = new HashMap<>(
                ChartRenderIT.environment(ChartRenderIT.deployment(manifest()).at("/spec/template/spec")));
        environment.put("TASKQUEUE_LEASE_NAMESPACE", InstalledChart.NAMESPACE);
        return environment;
    }

    private static String manifest() {
        return Helm.offline()
                .run(
                        "template",
                        "taskqueue",
                        Chart.FOLDER.toString(),
                        "-n",
                        InstalledChart.NAMESPACE,
                        "-f",
                        Chart.values("full"));
    }

    /** Each verb on each resource that a role bound to the operator grants. */
    private static Set<String> granted() {
        var objects = Chart.objects(manifest());
        Set<String> bound = objects.stream()
                .filter(object -> object.path("kind").asText().endsWith("RoleBinding"))
                .map(object -> object.at("/roleRef/kind").asText() + " "
                        + object.at("/metadata/namespace").asText() + " "
                        + object.at("/roleRef/name").asText())
                .collect(Collectors.toSet());
        var granted = new TreeSet<String>();
        for (JsonNode object : objects) {
            String name = object.path("kind").asText() + " "
                    + object.at("/metadata/namespace").asText() + " "
                    + object.at("/metadata/name").asText();
            if (bound.contains(name)) {
                object.path("rules")
                        .forEach(rule -> rule.path("verbs")
                                .forEach(verb -> rule.path("resources")
                                        .forEach(resource -> granted.add(verb.asText() + " " + resource.asText()))));
            }
        }
        return granted;
    }

    private void create(String verb, String manifest) {
        chart.plane().kubectlWithInput(manifest, verb, "-n", InstalledChart.ORDERS, "-f", "-");
    }

    /** Waits until just these Tasks are there; a dead letter's name ends in what nobody can foresee. */
    private void awaitTasks(String... expected) {
        Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(chart.plane()
                                .kubectl(
                                        "get",
                                        "tasks.taskqueue.dev",
                                        "-n",
                                        InstalledChart.ORDERS,
                                        "-o",
                                        "jsonpath={range .items[*]}{.metadata.name} {.status.state}{\"\\n\"}{end}")
                                .lines()
                                .map(line -> line.replaceFirst("-dl-[0-9a-f]{8} ", "-dl ")))
                        .containsExactlyInAnyOrder(expected));
    }
}
