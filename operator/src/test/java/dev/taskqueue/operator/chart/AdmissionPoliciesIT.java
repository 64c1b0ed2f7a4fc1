package dev.taskqueue.operator.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.targets.TokenGrant;
import dev.taskqueue.operator.targets.TokenRequester;
import dev.taskqueue.operator.targets.TokenSource;
import dev.taskqueue.operator.testing.KubectlFailed;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests on a real API server who may name which accounts, Secrets and ConfigMaps in queues and Tasks, who may operate queues, and what the operator's
 * own account may do.
 */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.HELM, Prerequisite.PROMETHEUS_CRDS})
class AdmissionPoliciesIT {
    private static final String ORDERS = InstalledChart.ORDERS;

    /** Alice edits queues and Tasks. She may act as account {@code hers}, and read the objects that are listed here. */
    private static final String RIGHTS = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: alice}
            rules:
            - {apiGroups: [""], resources: [serviceaccounts/token], resourceNames: [hers], verbs: [create]}
            - {apiGroups: [""], resources: [secrets], resourceNames: [SEVERAL, body, ca], verbs: [get]}
            - {apiGroups: [""], resources: [configmaps], resourceNames: [body, ca], verbs: [get]}
            """;

    private static @Nullable InstalledChart installed;

    private final InstalledChart chart = Objects.requireNonNull(installed);

    @BeforeAll
    static void install() {
        var chart = new InstalledChart();
        installed = chart;
        var plane = chart.plane();
        String secrets = IntStream.range(0, 16).mapToObj(i -> "s" + i).collect(Collectors.joining(", "));
        plane.kubectlWithInput(RIGHTS.replace("SEVERAL", secrets), "create", "-n", ORDERS, "-f", "-");
        plane.kubectl("create", "rolebinding", "alice", "--role=alice", "--user=alice", "-n", ORDERS);
        bind("alice", "taskqueue-edit");
        bind("bob", "taskqueue-queue-admin");
        bind("eve", "taskqueue-enqueuer");
        bind("vera", "taskqueue-view");
    }

    private static void bind(String user, String role) {
        Objects.requireNonNull(installed)
                .plane()
                .kubectl(
                        "create",
                        "rolebinding",
                        user + "-as-user",
                        "--clusterrole=" + role,
                        "--user=" + user,
                        "-n",
                        ORDERS);
    }

    @AfterAll
    static void stop() {
        if (installed != null) {
            installed.close();
        }
    }

    private static String task(String request) {
        return """
                apiVersion: taskqueue.dev/v1beta1
                kind: Task
                metadata: {name: try}
                spec: {queueRef: {name: q}, httpRequest: {serviceRef: {name: worker}%s}}
                """.formatted(request.isEmpty() ? "" : ", " + request);
    }

    private static String batch(String template, String onFinished) {
        return """
                apiVersion: taskqueue.dev/v1beta1
                kind: TaskBatch
                metadata: {name: try}
                spec: {queueRef: {name: q}, count: 1, template: {httpRequest: {%s}}, onFinished: {httpRequest: {%s}}}
                """.formatted(template, onFinished);
    }

    /** The same request at each place where a user may write one. */
    private static java.util.List<String> everywhere(String request) {
        return java.util.List.of(task(request), batch(request, ""), batch("", request));
    }

    private static String queue(String name, String spec) {
        return "{apiVersion: taskqueue.dev/v1beta1, kind: TaskQueue, metadata: {name: %s}, spec: {%s}}"
                .formatted(name, spec);
    }

    private static String secretHeaders(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{name: H%1$d, secretKeyRef: {name: s%1$d, key: k}}".formatted(i))
                .collect(Collectors.joining(", ", "secretHeaders: [", "]"));
    }

    static java.util.List<String> whatAliceMayUse() {
        String most =
                ", bodyFrom: {secretKeyRef: {name: body, key: k}}, tls: {caFrom: {secretKeyRef: {name: ca, key: k}}}";
        return java.util.List.of(
                "",
                "serviceAccountToken: {serviceAccountName: hers}",
                "bodyFrom: {configMapKeyRef: {name: body, key: k}}, tls: {caFrom: {configMapKeyRef: {name: ca, key: k}}}",
                // One object cannot need more permissions than this, so the cost of the policy never exceeds the limit.
                "serviceAccountToken: {serviceAccountName: hers}, " + secretHeaders(16) + most);
    }

    @ParameterizedTest
    @MethodSource("whatAliceMayUse")
    void whoMayUseWhatATaskOrABatchNamesMayCreateIt(String request) {
        chart.tryAs("alice", task(request));
        chart.tryAs("alice", batch(request, request));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            serviceAccountToken: {serviceAccountName: foreign}           | sent as ServiceAccount foreign; grant create on serviceaccounts/token with resourceNames [foreign] in namespace orders
            secretHeaders: [{name: A, secretKeyRef: {name: s0, key: k}}, {name: B, secretKeyRef: {name: foreign, key: k}}] | Secret foreign sent; grant get on secrets
            bodyFrom: {secretKeyRef: {name: foreign, key: k}}            | Secret foreign
            bodyFrom: {configMapKeyRef: {name: foreign, key: k}}         | ConfigMap foreign
            tls: {caFrom: {secretKeyRef: {name: foreign, key: k}}}       | Secret foreign
            tls: {caFrom: {configMapKeyRef: {name: foreign, key: k}}}    | ConfigMap foreign
            """)
    void whoMayNotUseWhatATaskOrABatchNamesMayNotCreateIt(String request, String message) {
        assertThat(everywhere(request))
                .allSatisfy(manifest -> assertThatThrownBy(() -> chart.tryAs("alice", manifest))
                        .isInstanceOf(KubectlFailed.class)
                        .hasMessageContaining(message));
    }

    @ParameterizedTest
    @ValueSource(strings = {"secretHeaders", "bodyFrom", "tls"})
    void theLastOfTheMostCounts(String which) {
        String request = whatAliceMayUse().getLast();
        String foreign = switch (which) {
            case "secretHeaders" -> request.replace("s15", "foreign");
            case "bodyFrom" -> request.replace("name: body", "name: foreign");
            default -> request.replace("name: ca", "name: foreign");
        };
        assertThat(everywhere(foreign))
                .allSatisfy(manifest -> assertThatThrownBy(() -> chart.tryAs("alice", manifest))
                        .hasMessageContaining("alice may not have Secret foreign sent"));
    }

    @Test
    void theOperatorMayCopyWhatSomebodyWasAllowed() {
        String foreign = "serviceAccountToken: {serviceAccountName: foreign}";
        chart.tryAs(InstalledChart.OPERATOR, task(foreign));
        chart.tryAs(InstalledChart.OPERATOR, batch(foreign, foreign));
    }

    @Test
    void aQueueIsCheckedWhereItsTargetChanges() {
        String foreign = "httpTarget: {serviceAccountToken: {serviceAccountName: foreign}}";
        assertThatThrownBy(() -> chart.tryAs("alice", queue("try", foreign))).hasMessageContaining("foreign");
        chart.plane().kubectlWithInput(queue("target", foreign), "create", "-n", ORDERS, "-f", "-");
        patchQueue("target", "{\"spec\":{\"state\":\"Paused\"}}");
        assertThatThrownBy(() -> patchQueue("target", "{\"spec\":{\"httpTarget\":{\"path\":\"/a\"}}}"))
                .hasMessageContaining("foreign");
        assertThatThrownBy(() -> patchQueue(
                        "target",
                        "{\"spec\":{\"httpTarget\":{\"serviceAccountToken\":null,\"secretHeaders\":"
                                + "[{\"name\":\"A\",\"secretKeyRef\":{\"name\":\"other\",\"key\":\"k\"}}]}}}"))
                .hasMessageContaining("Secret other");
        patchQueue("target", "{\"spec\":{\"httpTarget\":{\"serviceAccountToken\":{\"serviceAccountName\":\"hers\"}}}}");
    }

    private void patchQueue(String name, String patch) {
        chart.plane().kubectl("patch", "tq", name, "-n", ORDERS, "--as", "alice", "--type=merge", "-p", patch);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hold=because", "hold-until=2027-01-01T00:00:00Z", "redrive=1"})
    void onlyWhoMayOperateSetsOrTakesAwayTheAnnotationsOfAQueue(String annotation) {
        String name = "operated-" + annotation.replaceFirst("=.*", "");
        chart.plane().kubectlWithInput(queue(name, ""), "create", "-n", ORDERS, "-f", "-");
        assertThatThrownBy(() -> annotate("alice", "tq", name, annotation))
                .hasMessageContaining("grant the verb operate on taskqueues.taskqueue.dev in namespace orders");
        annotate("bob", "tq", name, annotation);
        assertThatThrownBy(() -> annotate("alice", "tq", name, annotation.replaceFirst("=.*", "-")))
                .hasMessageContaining("alice may not change taskqueue.dev/");
        patchQueue(name, "{\"metadata\":{\"annotations\":{\"example.com/note\":\"free\"}}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run-now=1", "redrive=1"})
    void onlyWhoMayOperateSetsTheAnnotationsOfATask(String annotation) {
        String name = "operated-" + annotation.replaceFirst("=.*", "");
        chart.plane()
                .kubectlWithInput(task("").replace("name: try", "name: " + name), "create", "-n", ORDERS, "-f", "-");
        assertThatThrownBy(() -> annotate("alice", "tasks.taskqueue.dev", name, annotation))
                .hasMessageContaining("grant the verb operate on tasks.taskqueue.dev");
        annotate("bob", "tasks.taskqueue.dev", name, annotation);
        String born = task("").replace(
                        "name: try",
                        "name: try, annotations: {taskqueue.dev/" + annotation.replace("=1", ": \"1\"") + "}");
        assertThatThrownBy(() -> chart.tryAs("alice", born)).hasMessageContaining("operate");
        chart.tryAs("bob", born);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run-now=1", "redrive=1", "hold=because", "cancel=because"})
    void onlyWhoMayOperateSetsTheAnnotationsOfABatch(String annotation) {
        String name = "operated-" + annotation.replaceFirst("=.*", "");
        chart.plane()
                .kubectlWithInput(
                        batch("", "").replace("name: try", "name: " + name), "create", "-n", ORDERS, "-f", "-");
        assertThatThrownBy(() -> annotate("alice", "tbatch", name, annotation))
                .hasMessageContaining("grant the verb operate on taskbatches.taskqueue.dev in namespace orders");
        annotate("bob", "tbatch", name, annotation);
        annotate("alice", "tbatch", name, "note=free");
    }

    private void annotate(String user, String kind, String name, String annotation) {
        chart.plane()
                .kubectl(
                        "annotate",
                        kind,
                        name,
                        "-n",
                        ORDERS,
                        "--as",
                        user,
                        "--overwrite",
                        "taskqueue.dev/" + annotation);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://worker.orders.svc", "https://worker.orders.svc", "orders"})
    void theOperatorGetsTokensForServicesAndListedAudiences(String audience) {
        assertThat(chart.token(ORDERS, audience, "1h")).contains(".");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "worker",
                "https://kubernetes.default.svc",
                "http://kubernetes.default.svc",
                "https://kubernetes.default.svc.cluster.local",
                "https://worker.orders.svc.example.com",
                "https://example.com/worker.orders.svc",
                "https://worker.orders.svc/",
                "ftp://worker.orders.svc"
            })
    void theOperatorGetsTokensForNothingElse(String audience) {
        assertThatThrownBy(() -> chart.token(ORDERS, audience, "1h"))
                .hasMessageContaining("the operator gets tokens for Services only");
    }

    /** An audience as Cloud Tasks has it. The Task must not ask for a right that the operator has. */
    @Test
    void aTaskWhoseAudienceThePolicyRefusesNamesTheListOfAudiences() {
        var plane = chart.plane();
        try (KubernetesClient operator = plane.client(plane.kubeconfig(InstalledChart.NAMESPACE, "taskqueue"))) {
            var tokens = new TokenRequester(new TokenSource.Kubernetes(operator), System::nanoTime);
            assertThat(tokens.token(ORDERS, "task-dispatcher", "https://orders.example.com"))
                    .isInstanceOfSatisfying(
                            TokenGrant.Denied.class,
                            denied -> assertThat(denied.obstacle().message())
                                    .isEqualTo(
                                            "ServiceAccount orders/task-dispatcher gets no token for audience"
                                                    + " https://orders.example.com: policy taskqueue-token-guard lets the operator have only"
                                                    + " those of Services and listed ones. List it in admissionPolicies.tokenGuard.audiences."));
            assertThat(tokens.token(ORDERS, "other", "https://worker.orders.svc"))
                    .isInstanceOfSatisfying(
                            TokenGrant.Denied.class,
                            denied -> assertThat(denied.obstacle().message())
                                    .contains("grant it the verb create on serviceaccounts/token"));
        }
    }

    @Test
    void theOperatorGetsNoTokenForLongerThanAnHour() {
        assertThatThrownBy(() -> chart.token(ORDERS, "https://worker.orders.svc", "61m"))
                .hasMessageContaining("longer than an hour");
    }

    /** The operator gets no token even if somebody else grants it more. */
    @ParameterizedTest
    @ValueSource(strings = {"kube-system", InstalledChart.NAMESPACE})
    void theOperatorGetsNoTokenInNamespacesOfTheSystem(String namespace) {
        var plane = chart.plane();
        plane.createServiceAccount(namespace, "task-dispatcher");
        plane.kubectl("create", "role", "all", "--verb=create", "--resource=serviceaccounts/token", "-n", namespace);
        plane.kubectl(
                "create",
                "rolebinding",
                "all",
                "--role=all",
                "--serviceaccount=" + InstalledChart.NAMESPACE + ":taskqueue",
                "-n",
                namespace);
        assertThatThrownBy(() -> chart.token(namespace, "https://worker.orders.svc", "1h"))
                .hasMessageContaining("the operator gets no tokens in namespace " + namespace);
    }

    /** In the rows {@code us} is the operator. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            eve   | create           | taskqueue.dev | tasks                 |      | true
            eve   | get              | taskqueue.dev | tasks                 |      | false
            eve   | create           | taskqueue.dev | taskbatches           |      | true
            eve   | get              | taskqueue.dev | taskbatches           |      | false
            eve   | patch            | taskqueue.dev | taskbatches           |      | false
            eve   | list             | taskqueue.dev | tasks                 |      | false
            eve   | watch            | taskqueue.dev | tasks                 |      | false
            eve   | patch            | taskqueue.dev | tasks                 |      | false
            eve   | delete           | taskqueue.dev | tasks                 |      | false
            eve   | get              | taskqueue.dev | taskqueues            |      | false
            vera  | list             | taskqueue.dev | tasks                 |      | true
            vera  | get              | taskqueue.dev | taskqueues            |      | true
            vera  | watch            | taskqueue.dev | taskbatches           |      | true
            vera  | create           | taskqueue.dev | taskbatches           |      | false
            vera  | create           | taskqueue.dev | tasks                 |      | false
            vera  | patch            | taskqueue.dev | taskqueues            |      | false
            alice | delete           | taskqueue.dev | tasks                 |      | true
            alice | deletecollection | taskqueue.dev | tasks                 |      | true
            alice | update           | taskqueue.dev | taskqueues            |      | true
            alice | delete           | taskqueue.dev | taskbatches           |      | true
            alice | operate          | taskqueue.dev | taskbatches           |      | false
            alice | patch            | taskqueue.dev | taskbatches/status    |      | false
            alice | operate          | taskqueue.dev | taskqueues            |      | false
            alice | patch            | taskqueue.dev | tasks/status          |      | false
            bob   | operate          | taskqueue.dev | tasks                 |      | true
            bob   | operate          | taskqueue.dev | taskqueues            |      | true
            bob   | operate          | taskqueue.dev | taskbatches           |      | true
            bob   | patch            | taskqueue.dev | taskqueues/status     |      | false
            us    | list             | taskqueue.dev | tasks                 |      | true
            us    | update           | taskqueue.dev | tasks                 |      | false
            us    | list             | taskqueue.dev | taskbatches           |      | true
            us    | create           | taskqueue.dev | taskbatches           |      | true
            us    | update           | taskqueue.dev | taskbatches           |      | false
            us    | patch            | taskqueue.dev | taskbatches/status    |      | true
            us    | patch            | taskqueue.dev | taskqueues            |      | false
            us    | get              | ''            | secrets               | order-worker-key | true
            us    | get              | ''            | secrets               | other | false
            us    | get              | ''            | secrets               |      | false
            us    | list             | ''            | secrets               |      | false
            us    | get              | ''            | configmaps            | company-ca | true
            us    | get              | ''            | configmaps            |      | false
            us    | create           | ''            | serviceaccounts/token | task-dispatcher | true
            us    | create           | ''            | serviceaccounts/token | other | false
            us    | create           | ''            | serviceaccounts/token |      | false
            us    | create           | ''            | pods                  |      | false
            us    | impersonate      | ''            | serviceaccounts       |      | false
            us    | create           | coordination.k8s.io | leases          |      | false
            """)
    void rolesGrantJustThis(
            String user, String verb, String group, String resource, @Nullable String name, boolean granted) {
        String subject = user.equals("us") ? InstalledChart.OPERATOR : user;
        assertThat(mayIn(subject, verb, group, resource, name == null ? "" : name))
                .isEqualTo(granted);
    }

    private boolean mayIn(String user, String verb, String group, String resource, String name) {
        String[] parts = resource.split("/", -1);
        String review = """
                apiVersion: authorization.k8s.io/v1
                kind: SubjectAccessReview
                metadata: {}
                spec:
                  user: %s
                  resourceAttributes: {namespace: %s, verb: %s, group: "%s", resource: %s, subresource: "%s", name: "%s"}
                """.formatted(user, ORDERS, verb, group, parts[0], parts.length > 1 ? parts[1] : "", name);
        return chart.plane()
                .kubectlWithInput(review, "create", "-f", "-", "-o", "jsonpath={.status.allowed}")
                .equals("true");
    }
}
