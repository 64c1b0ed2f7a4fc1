package dev.taskqueue.operator.chart;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.testing.OperatorAccount;
import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.TestCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The packaged operator with the account and the settings that the chart gives it, for the whole cluster and for a few namespaces. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.HELM, Prerequisite.PROMETHEUS_CRDS})
@Order(TestCluster.LONG_FIRST)
class PermissionsIT {
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
            apiVersion: taskqueue.dev/v1beta1
            kind: TaskQueue
            metadata: {name: orders}
            spec: {retry: {maxAttempts: 1}, retention: {succeeded: 0s}, deadLetter: {queueRef: {name: none}}}
            """;
    private static final String TASK = """
            apiVersion: taskqueue.dev/v1beta1
            kind: Task
            metadata: {name: %s}
            spec: {queueRef: {name: orders}, %s httpRequest: {serviceRef: {name: worker}, path: /%s, %s}}
            """;
    private static final String BATCH = """
            apiVersion: taskqueue.dev/v1beta1
            kind: TaskBatch
            metadata: {name: %1$s}
            spec: {queueRef: {name: orders}, count: 1, template: {httpRequest: {serviceRef: {name: worker}, path: /%1$s, %2$s}}}
            """;
    private static final String TOKEN = "serviceAccountToken: {serviceAccountName: task-dispatcher}";
    private static final String BODY = "bodyFrom: {configMapKeyRef: {name: company-ca, key: body}}";

    private final List<HttpServer> workers = new ArrayList<>();
    private final Queue<String> delivered = new ConcurrentLinkedQueue<>();
    private @Nullable InstalledChart installed;

    @AfterEach
    void close() {
        workers.forEach(worker -> worker.stop(0));
        if (installed != null) {
            installed.close();
        }
    }

    @Test
    void forTheWholeClusterItUsesAllItIsGrantedAndIsDeniedNothing() throws IOException {
        var chart = install("full");
        var account = OperatorAccount.ofChart(chart.plane(), InstalledChart.NAMESPACE);
        serve("orders");
        createSources();
        operate(account, "full", () -> {
            tasks("orders", TOKEN + ", " + BODY + ", " + header("order-worker-key"));
            holdTwice("orders");
        });
        assertDelivered("orders", "known ordered with a token");
        assertExact(account);
        assertThat(account.granted())
                .filteredOn(permission -> permission.role().startsWith("ClusterRole "))
                .isNotEmpty();
    }

    @Test
    void withTokensAndSecretsOfAllItUsesAllItIsGrantedAndIsDeniedNothing() throws IOException {
        var chart = install(
                "minimal",
                "--set-json",
                "serviceAccountTokens.mode=\"All\"",
                "--set-json",
                "secretAccess.mode=\"All\"");
        var account = OperatorAccount.ofChart(chart.plane(), InstalledChart.NAMESPACE);
        serve("orders");
        createSources();
        operate(account, "minimal", () -> {
            tasks("orders", TOKEN + ", " + BODY + ", " + header("order-worker-key"));
            holdTwice("orders");
        });
        assertDelivered("orders", "known ordered with a token");
        assertExact(account);
    }

    @Test
    void forAFewNamespacesItUsesAllItIsGrantedAndIsDeniedNothing() throws IOException {
        var chart = install("namespaced");
        var account = OperatorAccount.ofChart(chart.plane(), InstalledChart.NAMESPACE);
        serve("orders");
        serve("shipping");
        create("shipping", "{apiVersion: v1, kind: Secret, metadata: {name: carrier-key}, stringData: {key: known}}");
        operate(account, "namespaced", () -> {
            tasks("orders", TOKEN);
            tasks("shipping", header("carrier-key"));
            holdTwice("orders");
            holdTwice("shipping");
        });
        assertDelivered("orders", "null  with a token");
        assertDelivered("shipping", "known ");
        assertExact(account);
        assertThat(account.granted())
                .noneMatch(permission -> permission.role().startsWith("ClusterRole "))
                .anyMatch(permission -> permission.namespace().equals("orders"))
                .anyMatch(permission -> permission.namespace().equals("shipping"));
    }

    private InstalledChart install(String values, String... more) {
        var chart = new InstalledChart(values, more);
        installed = chart;
        return chart;
    }

    private void createSources() {
        create(
                "orders",
                "{apiVersion: v1, kind: Secret, metadata: {name: order-worker-key}, stringData: {key: known}}");
        create("orders", "{apiVersion: v1, kind: ConfigMap, metadata: {name: company-ca}, data: {body: ordered}}");
    }

    /** Compares the exact permissions, including the namespace and the name for which each of them holds. */
    private static void assertExact(OperatorAccount account) {
        account.assertSufficed();
        assertThat(account.used()).isEqualTo(account.granted());
    }

    private static void operate(OperatorAccount account, String values, Runnable work) {
        try (var operator = new OperatorProcess(account.kubeconfig(), ChartRenderIT.environment(values))) {
            operator.awaitReady();
            work.run();
            operator.terminate();
            assertThat(operator.exitCode()).isEqualTo(128 + 15);
        }
    }

    /** Creates a queue, and a worker on its own address. */
    private void serve(String namespace) throws IOException {
        String address = "127.20.0." + (5 + workers.size());
        var worker = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(address), 0), 0);
        worker.createContext("/", exchange -> answer(namespace, exchange));
        worker.start();
        workers.add(worker);
        create(
                namespace,
                OBJECTS.replace("ADDRESS", address)
                        .replace("PORT", String.valueOf(worker.getAddress().getPort())));
    }

    private void answer(String namespace, HttpExchange exchange) throws IOException {
        delivered.add(namespace + exchange.getRequestURI() + " "
                + exchange.getRequestHeaders().getFirst("X-Key") + " "
                + new String(exchange.getRequestBody().readAllBytes(), UTF_8)
                + (exchange.getRequestHeaders().containsKey("Authorization") ? " with a token" : ""));
        exchange.sendResponseHeaders(exchange.getRequestURI().getPath().startsWith("/failing") ? 500 : 200, -1);
        exchange.close();
    }

    /**
     * Creates a Task that is sent at once, one with a dead letter, one that waits, and one that must not be deleted, and the same of TaskBatches.
     * Returns when all have ended.
     */
    private void tasks(String namespace, String request) {
        create(namespace, TASK.formatted("plain", "", "plain", request));
        create(namespace, TASK.formatted("failing", "", "failing", request));
        create(namespace, TASK.formatted("later", "delay: 3s,", "later", request));
        plane("apply", namespace, TASK.formatted("kept-in-git", "", "kept-in-git", request));
        create(namespace, BATCH.formatted("items", request));
        create(namespace, BATCH.formatted("failing-items", request));
        plane("apply", namespace, BATCH.formatted("items-in-git", request));
        await("tasks", namespace, "failing Failed", "failing-dl Queued", "kept-in-git Succeeded");
        await("taskbatches", namespace, "failing-items Failed", "failing-items-dl Pending", "items-in-git Succeeded");
    }

    /** The second hold is the same Event again, so it is patched. */
    private void holdTwice(String namespace) {
        hold(namespace, "Anna");
        awaitEvent(namespace, "Held");
        hold(namespace, "Ben");
        awaitEvent(namespace, "Held 2");
    }

    private void hold(String namespace, String who) {
        chart().plane()
                .kubectl(
                        "annotate",
                        "taskqueues.taskqueue.dev",
                        "orders",
                        "-n",
                        namespace,
                        "--overwrite",
                        "taskqueue.dev/hold=" + who);
    }

    private void awaitEvent(String namespace, String text) {
        Awaitility.await()
                .atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(chart().plane()
                                .kubectl(
                                        "get",
                                        "events.events.k8s.io",
                                        "-n",
                                        namespace,
                                        "-o",
                                        "jsonpath={range .items[*]}{.reason} {.series.count}{\"\\n\"}{end}"))
                        .contains(text));
    }

    private static String header(String secret) {
        return "secretHeaders: [{name: X-Key, secretKeyRef: {name: %s, key: key}}]".formatted(secret);
    }

    private void assertDelivered(String namespace, String what) {
        assertThat(delivered)
                .filteredOn(request -> request.startsWith(namespace + "/"))
                .containsExactlyInAnyOrder(
                        namespace + "/plain " + what,
                        namespace + "/failing " + what,
                        namespace + "/later " + what,
                        namespace + "/kept-in-git " + what,
                        namespace + "/items " + what,
                        namespace + "/failing-items " + what,
                        namespace + "/items-in-git " + what);
    }

    private void create(String namespace, String manifest) {
        plane("create", namespace, manifest);
    }

    private void plane(String verb, String namespace, String manifest) {
        chart().plane().kubectlWithInput(manifest, verb, "-n", namespace, "-f", "-");
    }

    private InstalledChart chart() {
        return java.util.Objects.requireNonNull(installed);
    }

    /** Waits until exactly these objects exist. The end of a dead letter's name cannot be predicted. */
    private void await(String plural, String namespace, String... expected) {
        Awaitility.await()
                .atMost(TestCluster.PATIENCE.multipliedBy(2))
                .untilAsserted(() -> assertThat(chart().plane()
                                .kubectl(
                                        "get",
                                        plural + ".taskqueue.dev",
                                        "-n",
                                        namespace,
                                        "-o",
                                        "jsonpath={range .items[*]}{.metadata.name} {.status.state}{\"\\n\"}{end}")
                                .lines()
                                .map(line -> line.replaceFirst("-dl-[0-9a-f]{8}(-1)? ", "-dl ")))
                        .containsExactlyInAnyOrder(expected));
    }
}
