package dev.taskqueue.operator.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.testing.OperatorAccount;
import dev.taskqueue.operator.testing.OperatorProcess;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests how the API server classifies the operator's requests with the chart's FlowSchemas. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.HELM, Prerequisite.PROMETHEUS_CRDS})
class FlowSchemaIT {
    private static final Pattern DISPATCHED = Pattern.compile(
            "apiserver_flowcontrol_dispatched_requests_total\\{flow_schema=\"([^\"]+)\",priority_level=\"([^\"]+)\"} (\\d+)");

    private final InstalledChart chart = new InstalledChart("full");
    private final OperatorAccount account = OperatorAccount.ofChart(chart.plane(), InstalledChart.NAMESPACE);

    @AfterEach
    void close() {
        chart.close();
    }

    @Test
    void everyRequestOfTheOperatorIsHandledByItsOwnFlowSchemas() {
        try (KubernetesClient client = chart.plane().client(account.kubeconfig())) {
            awaitFlowSchemas(client);
            Map<String, Long> before = dispatched();
            try (var operator = new OperatorProcess(account.kubeconfig(), ChartRenderIT.environment("full"))) {
                operator.awaitReady();
                create("{apiVersion: taskqueue.dev/v1beta1, kind: TaskQueue, metadata: {name: q}, spec: {}}");
                create("{apiVersion: taskqueue.dev/v1beta1, kind: Task, metadata: {name: a},"
                        + " spec: {queueRef: {name: q}, httpRequest: {serviceRef: {name: none}}}}");
                chart.plane()
                        .kubectl(
                                "wait",
                                "tasks.taskqueue.dev/a",
                                "--for=jsonpath={.status.state}=Queued",
                                "--timeout=60s",
                                "-n",
                                InstalledChart.ORDERS);
                operator.terminate();
                operator.exitCode();
            }
            // Only the administrator, who is exempt, and the operator send requests here.
            Map<String, Long> after = dispatched();
            after.entrySet().removeIf(flow -> flow.getValue().equals(before.get(flow.getKey())));
            after.remove("exempt exempt");
            assertThat(after)
                    .containsOnlyKeys("taskqueue workload-high", "taskqueue-lease leader-election")
                    .allSatisfy((flow, count) -> assertThat(count).isGreaterThan(3));
        }
    }

    /** Waits until the API server uses the FlowSchemas, which is a moment after they were created. Its answers name the one that it used. */
    private void awaitFlowSchemas(KubernetesClient client) {
        Awaitility.await("the FlowSchemas").untilAsserted(() -> {
            assertThat(flowSchemaOf(client, "/apis/taskqueue.dev/v1beta1/tasks"))
                    .isEqualTo(uid("taskqueue"));
            assertThat(flowSchemaOf(client, "/apis/taskqueue.dev/v1beta1")).isEqualTo(uid("taskqueue"));
            assertThat(flowSchemaOf(
                            client,
                            "/apis/coordination.k8s.io/v1/namespaces/" + InstalledChart.NAMESPACE
                                    + "/leases/taskqueue"))
                    .isEqualTo(uid("taskqueue-lease"));
        });
    }

    private String uid(String flowSchema) {
        return chart.plane().kubectl("get", "flowschema", flowSchema, "-o", "jsonpath={.metadata.uid}");
    }

    private static String flowSchemaOf(KubernetesClient client, String path) throws CompletionException {
        String master = client.getMasterUrl().toString().replaceAll("/$", "");
        var http = client.getHttpClient();
        var answer = http.sendAsync(
                        http.newHttpRequestBuilder().uri(master + path).build(), byte[].class)
                .join();
        return String.valueOf(answer.header("X-Kubernetes-PF-FlowSchema-UID"));
    }

    /** The number of requests that the API server served, by FlowSchema and priority level. */
    private Map<String, Long> dispatched() {
        var counts = new TreeMap<String, Long>();
        var lines = DISPATCHED.matcher(chart.plane().metrics());
        while (lines.find()) {
            counts.put(lines.group(1) + " " + lines.group(2), Long.valueOf(lines.group(3)));
        }
        return counts;
    }

    private void create(String manifest) {
        chart.plane().kubectlWithInput(manifest, "create", "-n", InstalledChart.ORDERS, "-f", "-");
    }
}
