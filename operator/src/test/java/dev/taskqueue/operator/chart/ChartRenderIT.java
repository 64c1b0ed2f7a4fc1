package dev.taskqueue.operator.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.controlplane.ControlPlaneProcesses;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.controlplane.testing.TestFolders;
import dev.taskqueue.operator.dashboards.Dashboard;
import dev.taskqueue.operator.ops.Config;
import dev.taskqueue.operator.testing.Helm;
import dev.taskqueue.operator.testing.OperatorAccount;
import dev.taskqueue.operator.testing.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests what helm renders from the chart, without a cluster. */
@Requires(Prerequisite.HELM)
class ChartRenderIT {
    private final Helm helm = Helm.offline();

    private String template(String... args) {
        return helm.run(Stream.concat(
                        Stream.of("template", "taskqueue", Chart.FOLDER.toString(), "-n", "taskqueue-system"),
                        Stream.of(args))
                .toArray(String[]::new));
    }

    private String refusal(String... args) {
        return helm.refusal(Stream.concat(
                        Stream.of("template", "taskqueue", Chart.FOLDER.toString(), "-n", "taskqueue-system"),
                        Stream.of(args))
                .toArray(String[]::new));
    }

    static List<String> values() {
        return Chart.VALUES;
    }

    @ParameterizedTest
    @MethodSource("values")
    void lintFindsNothing(String values) {
        assertThat(helm.run("lint", Chart.FOLDER.toString(), "--strict", "-f", Chart.values(values)))
                .contains("0 chart(s) failed")
                .doesNotContain("[WARNING]", "[ERROR]");
    }

    /** The example of each value in the schema differs from its default, and changes the manifest in at least one of two ways to install. */
    @Test
    void everyValueIsUsed() {
        String plain = template();
        String full = template("-f", Chart.values("full"));
        Map<String, JsonNode> schema = Chart.schema();
        List<String> unused = schema.entrySet().parallelStream()
                .filter(value -> {
                    String set = value.getKey() + "=" + value.getValue().at("/examples/0");
                    return template("--set-json", set).equals(plain)
                            && template("--set-json", set, "-f", Chart.values("full"))
                                    .equals(full);
                })
                .map(Map.Entry::getKey)
                .toList();
        assertThat(schema).isNotEmpty();
        assertThat(unused).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    replicas=3                                                     | replicas
                    image.tags=1                                                   | tags
                    replicaCount="two"                                             | replicaCount
                    watchNamespaces="shop"                                         | watchNamespaces
                    watchNamespaces=["Shop"]                                       | watchNamespaces
                    settings.leaseDuration="15"                                    | leaseDuration
                    settings.allowedTargetCidrs=["10.0.0.0/33"]                    | allowedTargetCidrs
                    settings.allowedTargetCidrs=["fd00::/129"]                     | allowedTargetCidrs
                    serviceAccountTokens.mode="all"                                | mode
                    serviceAccountTokens.allowed=[{"namespace":"a"}]               | names
                    serviceAccountTokens.allowed=[{"namespace":"a","names":[]}]    | names
                    secretAccess.allowed=[{"namespace":"a"}]                       | secretAccess
                    admissionPolicies.tokenGuard.audiences=["https://kubernetes.default.svc"] | audiences
                    extraEnv=[{"name":"WORKERS","value":4}]                        | extraEnv
                    extraEnv=[{"name":"A=B","value":"c"}]                          | extraEnv
                    tolerations=[{"key":"a","operator":"Exists","tolerationSeconds":"300"}] | tolerationSeconds
                    tolerations=[{"key":"a","operator":"exists"}]                  | operator
                    hostAliases=[{"hostnames":["proxy"]}]                          | hostAliases
                    extraVolumes=[{"name":"Company_CA","emptyDir":{}}]             | extraVolumes
                    commonLabels={"team":"payments team"}                          | commonLabels
                    podLabels={"version":"1.0+build"}                              | podLabels
                    nodeSelector={"pool":7}                                        | nodeSelector
                    metrics.serviceMonitor.labels={"release":"a/b"}                | serviceMonitor
                    metrics.prometheusRule.alerts.backlogOld.for="soon"            | backlogOld
                    metrics.prometheusRule.alerts.backlogOld.threshold=null        | backlogOld
                    metrics.prometheusRule.alerts.backlogOld.threshold="1 or up"   | backlogOld
                    metrics.prometheusRule.alerts.backlog.for="1m"                 | backlog
                    gateway.producers=[{"namespace":"a","serviceAccounts":[]}]     | producers
                    gateway.producers=[{"namespace":"a","serviceAccounts":["*"]}]  | producers
                    gateway.service.type="ExternalName"                            | type
                    gateway.mapping={"targetz":[]}                                 | targetz
                    gateway.mapping={"namespaces":[{"project":"a","location":"*"}]} | namespace
                    """)
    void aValueThatMeansNothingIsRefused(String value, String named) {
        assertThat(refusal("--set-json", value))
                .contains("specifications of the schema")
                .contains(named);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"serviceAccountTokens":{"allowed":[{"namespace":"kube-system","names":["a"]}]}} | tokenGuard refuses every token
                    {"serviceAccountTokens":{"allowed":[{"namespace":"taskqueue-system","names":["a"]}]}} | tokenGuard refuses every token
                    {"admissionPolicies":{"enabled":false},"serviceAccountTokens":{"allowed":[{"namespace":"taskqueue-system","names":["taskqueue"]}]}} | the operator's own ServiceAccount
                    {"serviceAccountTokens":{"mode":"All","allowed":[{"namespace":"a","names":["a"]}]}} | remove one of the two
                    {"secretAccess":{"mode":"All","allowed":[{"namespace":"a","secrets":["a"]}]}} | remove one of the two
                    {"watchNamespaces":["b"],"secretAccess":{"allowed":[{"namespace":"a","secrets":["a"]}]}} | which watchNamespaces does not
                    {"settings":{"leaseDuration":"4999ms"}} | settings.leaseDuration is 4999ms; allowed is 5s to 5m
                    {"settings":{"leaseDuration":"5m0s1ms"}} | settings.leaseDuration is 5m0s1ms; allowed is 5s to 5m
                    {"settings":{"maxScheduleAhead":"8761h"}} | settings.maxScheduleAhead is 8761h; allowed is 1s to 8760h
                    {"settings":{"maxDispatchDeadline":"25h"}} | settings.maxDispatchDeadline is 25h; allowed is 1s to 24h
                    {"secretAccess":{"allowed":[{"namespace":"a","secrets":["a"]},{"namespace":"a","secrets":["b"]}]}} | twice
                    {"gateway":{"enabled":true}} | gateway.tls needs secretName or certManager.issuerRef
                    {"gateway":{"enabled":true,"tls":{"secretName":"a"},"producers":[{"namespace":"kube-system","serviceAccounts":["a"]}]}} | must not act as
                    {"gateway":{"enabled":true,"tls":{"secretName":"a"},"producers":[{"namespace":"taskqueue-system","serviceAccounts":["a"]}]}} | must not act as
                    {"gateway":{"enabled":true,"tls":{"secretName":"a"},"producers":[{"namespace":"a","serviceAccounts":["a"]},{"namespace":"a","serviceAccounts":["b"]}]}} | twice
                    """)
    void valuesThatWouldNotWorkTogetherAreRefused(String values, String why) {
        String[] flags = Chart.yaml(values).properties().stream()
                .flatMap(value -> Stream.of("--set-json", value.getKey() + "=" + value.getValue()))
                .toArray(String[]::new);
        assertThat(refusal(flags)).contains(why);
    }

    @Test
    void theGatewayIsOffAndActsAsListedAccountsOnly() {
        assertThat(template()).doesNotContain("gateway");
        String manifest = template(
                "--set-json",
                "gateway={\"enabled\":true,\"tls\":{\"certManager\":{\"issuerRef\":{\"name\":\"ca\"}}},"
                        + "\"producers\":[{\"namespace\":\"shop\",\"serviceAccounts\":[\"checkout\"]}]}");
        assertThat(manifest)
                .contains("secretName: \"taskqueue-gateway-tls\"")
                .contains("kind: Certificate")
                .containsOnlyOnce("verbs: [impersonate]")
                .containsPattern(
                        "resources: \\[serviceaccounts]\\s+resourceNames:\\s+- checkout\\s+verbs: \\[impersonate]");
    }

    @Test
    void theGatewayIsMonitoredLikeTheOperator() {
        String monitors = "metrics={\"serviceMonitor\":{\"enabled\":true},\"podMonitor\":{\"enabled\":true}}";
        assertThat(template("--set-json", monitors)).doesNotContain("gateway");
        List<String> kinds = Chart.objects(template(
                        "--set-json",
                        monitors,
                        "--set-json",
                        "gateway={\"enabled\":true,\"tls\":{\"secretName\":\"a\"}}"))
                .stream()
                .filter(object -> object.at("/spec/selector/app.kubernetes.io~1name")
                                .asText()
                                .equals("taskqueue-gateway")
                        || object.at("/spec/selector/matchLabels/app.kubernetes.io~1name")
                                .asText()
                                .equals("taskqueue-gateway"))
                .map(object -> object.path("kind").asText() + " "
                        + object.at("/metadata/name").asText())
                .toList();
        assertThat(kinds)
                .contains(
                        "Service taskqueue-gateway-metrics",
                        "ServiceMonitor taskqueue-gateway",
                        "PodMonitor taskqueue-gateway");
    }

    /** If the chart accepted a value that the operator refuses, the operator would not start. */
    @ParameterizedTest
    @CsvSource({
        "leaseDuration,TASKQUEUE_LEASE_DURATION",
        "maxScheduleAhead,TASKQUEUE_MAX_SCHEDULE_AHEAD",
        "maxDispatchDeadline,TASKQUEUE_MAX_DISPATCH_DEADLINE"
    })
    void theBoundsOfADurationAreTheOperators(String value, String variable) {
        Matcher bounds = Pattern.compile("allowed is (\\S+) to (\\S+)")
                .matcher(refusal("--set-json", "settings." + value + "=\"99999h\""));
        assertThat(bounds.find()).isTrue();
        assertThat(Config.help())
                .containsPattern(variable + " .*\\n.*from " + bounds.group(1) + " to " + bounds.group(2) + ",");
    }

    @Test
    void aStoppedPodHasLongerThanItsRequestsInFlight() {
        JsonNode pod = deployment(template("--set-json", "settings.shutdownGraceSeconds=120"))
                .at("/spec/template/spec");
        assertThat(environment(pod)).containsEntry("TASKQUEUE_SHUTDOWN_GRACE", "120s");
        assertThat(pod.path("terminationGracePeriodSeconds").asInt()).isEqualTo(135);
    }

    @Test
    void anInstallForItsOwnNamespaceFollowsIt() {
        JsonNode pod = deployment(template("--set-json", "watchNamespaces=[\"taskqueue-system\"]"))
                .at("/spec/template/spec");
        assertThat(pod.at("/containers/0/env/0/valueFrom/fieldRef/fieldPath").asText())
                .isEqualTo("metadata.namespace");
    }

    @Test
    void aNamespacedInstallHasNoObjectOfTheWholeCluster() {
        assertThat(Chart.objects(template("-f", Chart.values("namespaced"))))
                .isNotEmpty()
                .allSatisfy(
                        object -> assertThat(object.at("/metadata/namespace").asText())
                                .as(object.path("kind").asText())
                                .isNotEmpty());
    }

    /** Helm and most kinds accept such a name, but a Service does not. */
    @ParameterizedTest
    @CsvSource({"shop.taskqueue,shop-taskqueue", "shop.queues,shop-queues-taskqueue"})
    void aReleaseWithADotInItsNameHasNamesThatEveryKindTakes(String release, String name) {
        String manifest = helm.run(
                "template",
                release,
                Chart.FOLDER.toString(),
                "--set-json",
                "metrics.serviceMonitor.enabled=true",
                "--show-only",
                "templates/metrics.yaml");
        assertThat(object(manifest, "Service").at("/metadata/name").asText()).isEqualTo(name + "-metrics");
    }

    @Test
    void alertsAndDashboardsAreThoseOfTheFiles() throws IOException {
        String full =
                template("-f", Chart.values("full"), "--set-json", "metrics.prometheusRule.runbookUrlPrefix=\"\"");
        assertThat(object(full, "PrometheusRule").path("spec")).isEqualTo(alerts());
        JsonNode dashboards = object(full, "ConfigMap");
        assertThat(dashboards.at("/metadata/labels/grafana_dashboard").asText()).isEqualTo("1");
        var json = new ObjectMapper();
        for (String name : Dashboard.NAMES) {
            assertThat(json.readTree(
                            dashboards.at("/data/taskqueue-" + name + ".json").asText()))
                    .isEqualTo(json.readTree(Chart.text("files/dashboards/" + name + ".json")));
        }
        assertThat(template()).doesNotContain("PrometheusRule", "grafana");
    }

    @Test
    void anAlertNamesTheLeaseOfTheReleaseAndItsRunbook() {
        String manifest = helm.run(
                "template",
                "shop",
                Chart.FOLDER.toString(),
                "-n",
                "queues",
                "--set-json",
                "metrics.prometheusRule={\"enabled\":true,\"runbookUrlPrefix\":\"https://pages.example.com/\"}");
        JsonNode lease = object(manifest, "Deployment").at("/spec/template/spec/containers/0/env");
        assertThat(lease.toString()).contains("{\"name\":\"TASKQUEUE_LEASE_NAME\",\"value\":\"shop-taskqueue\"}");
        JsonNode rules = object(manifest, "PrometheusRule").at("/spec/groups/0/rules");
        assertThat(rules.at("/1/annotations/description").asText())
                .contains("kubectl get lease shop-taskqueue -n queues");
        assertThat(rules.at("/1/annotations/runbook_url").asText())
                .isEqualTo("https://pages.example.com/docs/runbooks.md#taskqueuenoleader");
        assertThat(rules)
                .allSatisfy(rule ->
                        assertThat(rule.at("/annotations").has("runbook_url")).isTrue());
    }

    @Test
    void eachAlertHasItsThresholdAndItsTimeFromTheValues() {
        JsonNode settings = Chart.fallback("metrics.prometheusRule.alerts");
        for (JsonNode rule : alerts().at("/groups/0/rules")) {
            String name = key(rule);
            assertThat(settings.path(name).path("for").asText())
                    .as(name)
                    .isNotEmpty()
                    .isEqualTo(rule.path("for").asText());
            String changed = helm.run(
                    "template",
                    Chart.FOLDER.toString(),
                    "--show-only",
                    "templates/alerts.yaml",
                    "--set-json",
                    "metrics.prometheusRule={\"enabled\":true,\"alerts\":{\"%s\":{\"for\":\"77m\"%s}}}"
                            .formatted(name, settings.path(name).has("threshold") ? ",\"threshold\":0.077" : ""));
            assertThat(changed).contains("for: 77m");
            assertThat(changed.contains("0.077"))
                    .as(name)
                    .isEqualTo(settings.path(name).has("threshold"));
        }
    }

    @Test
    void anAlertCanBeLeftOut() {
        String manifest = template(
                "--set-json",
                "metrics.prometheusRule={\"enabled\":true,\"alerts\":{\"backlogOld\":{\"enabled\":false}}}");
        assertThat(manifest).contains("alert: TaskQueueBacklogGrows").doesNotContain("alert: TaskQueueBacklogOld");
    }

    private static JsonNode alerts() {
        try {
            return Chart.yaml(Files.readString(Chart.REPOSITORY.resolve("charts/manifests/alerts.yaml")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The name of an alert among the values. */
    private static String key(JsonNode rule) {
        String name = rule.path("alert").asText().substring("TaskQueue".length());
        return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
    }

    /** The anchors of the headings are those that GitHub and the project's own check of links make. */
    @Test
    void eachAlertHasItsSectionInTheDocs() throws IOException {
        String page = Files.readString(Chart.REPOSITORY.resolve("docs/runbooks.md"));
        assertThat(alerts().at("/groups/0/rules")).isNotEmpty().allSatisfy(rule -> {
            String alert = rule.path("alert").asText();
            assertThat(page).contains("\n## " + alert + "\n");
            assertThat(rule.at("/annotations/description").asText())
                    .endsWith("See docs/runbooks.md#" + alert.toLowerCase(Locale.ROOT));
        });
    }

    @Test
    void theFormAndLevelOfTheLogAreSettings() {
        assertThat(environment(deployment(template(
                                "--set-json",
                                "settings.logFormat=\"json\"",
                                "--set-json",
                                "settings.logLevel=\"warn\""))
                        .at("/spec/template/spec")))
                .containsEntry("TASKQUEUE_LOG_FORMAT", "json")
                .containsEntry("TASKQUEUE_LOG_FOLDER", "/etc/taskqueue/log");
        assertThat(refusal("--set-json", "settings.logLevel=\"trace\"")).contains("logLevel");
    }

    @Test
    void levelAndLinesForAttemptsAreFilesThatTheOperatorsReadAgain() {
        String manifest = template("--set", "settings.logLevel=debug,settings.logAttempts=failures");
        assertThat(object(manifest, "ConfigMap").at("/data"))
                .hasToString("{\"level\":\"debug\",\"attempts\":\"failures\"}");
        assertThat(object(template(), "ConfigMap").at("/data"))
                .hasToString("{\"level\":\"info\",\"attempts\":\"off\"}");
    }

    @Test
    void withoutEventsThereIsNoRightToWriteThem() {
        assertThat(template()).contains("events.k8s.io");
        String without = template("--set", "events.enabled=false");
        assertThat(without).doesNotContain("events.k8s.io");
        assertThat(environment(deployment(without).at("/spec/template/spec")))
                .containsEntry("TASKQUEUE_EVENTS", "false");
    }

    @Test
    void spansGoWhereTheValueSays() {
        String url = "http://collector.monitoring:4318/v1/traces";
        assertThat(environment(
                        deployment(template("--set", "traces.endpoint=" + url)).at("/spec/template/spec")))
                .containsEntry("TASKQUEUE_TRACES_ENDPOINT", url);
        assertThat(template()).doesNotContain("TASKQUEUE_TRACES_FOLDER", "/etc/taskqueue/traces");
        JsonNode pod = deployment(template("--set", "traces.endpoint=" + url + ",traces.secretName=collector"))
                .at("/spec/template/spec");
        assertThat(environment(pod)).containsEntry("TASKQUEUE_TRACES_FOLDER", "/etc/taskqueue/traces");
        assertThat(pod.at("/volumes").toString())
                .contains("{\"name\":\"traces\",\"secret\":{\"secretName\":\"collector\"}}");
        assertThat(pod.at("/containers/0/volumeMounts").toString())
                .contains("{\"name\":\"traces\",\"mountPath\":\"/etc/taskqueue/traces\",\"readOnly\":true}");
        assertThat(refusal("--set", "traces.endpoint=http://me:secret@collector:4318"))
                .contains("endpoint");
    }

    @Test
    void crdsThatShallNotStayAreNotMarked() {
        assertThat(template()).contains("helm.sh/resource-policy: keep");
        assertThat(template("--set-json", "crds.keep=false")).doesNotContain("helm.sh/resource-policy");
    }

    @Test
    void thePlainManifestsAreWhatTheirScriptMakes() throws Exception {
        Path made = TestFolders.create("manifests");
        Path kept = Chart.REPOSITORY.resolve("charts/manifests");
        var builder = new ProcessBuilder(kept.resolve("render.sh").toString(), made.toString()).inheritIO();
        builder.environment().put("HELM", Tools.helm().toString());
        assertThat(builder.start().waitFor()).isZero();
        for (String name : List.of("alerts.yaml", "crds.yaml", "install.yaml", "namespaced/install.yaml")) {
            assertThat(kept.resolve(name))
                    .as("charts/manifests/%s; make it anew by charts/manifests/render.sh", name)
                    .hasSameTextualContentAs(made.resolve(name));
        }
    }

    /** The integration tests give every operator such an account, so their results about its rights are valid for the chart. */
    @Test
    void theOperatorsOfTheTestsHaveTheRightsOfTheChart() {
        String manifest = template(
                "--set-json",
                "watchNamespaces=[\"taskqueue-system\"]",
                "--set-json",
                "admissionPolicies.enabled=false",
                "--set-json",
                "serviceAccountTokens.allowed=[{\"namespace\":\"taskqueue-system\",\"names\":[\"caller\"]}]",
                "--set-json",
                "secretAccess.allowed=[{\"namespace\":\"taskqueue-system\",\"secrets\":[\"sources\"],"
                        + "\"configMaps\":[\"sources\"]}]");
        assertThat(rights(OperatorAccount.objects("taskqueue-system")
                        .map(object -> Chart.yaml(Chart.YAML.asYaml(object)))))
                .hasSize(9)
                .isEqualTo(rights(Chart.objects(manifest).stream()));
    }

    /** Accounts, roles and their bindings, without labels. */
    private static Set<JsonNode> rights(Stream<JsonNode> objects) {
        return objects.filter(object ->
                        object.path("kind").asText().matches("ServiceAccount|(Cluster)?Role|(Cluster)?RoleBinding"))
                // Roles for people have no bindings.
                .filter(object ->
                        !object.at("/metadata/name").asText().matches("taskqueue.*-(view|edit|queue-admin|enqueuer)"))
                .peek(object -> ((ObjectNode) object.path("metadata")).remove("labels"))
                .collect(Collectors.toSet());
    }

    /** The environment of an operator in this chart's Pod. */
    static Map<String, String> environment(String values) {
        var environment = new HashMap<>(environment(deployment(Helm.offline()
                        .run(
                                "template",
                                "taskqueue",
                                Chart.FOLDER.toString(),
                                "-n",
                                InstalledChart.NAMESPACE,
                                "-f",
                                Chart.values(values)))
                .at("/spec/template/spec")));
        // In the Pod this value comes from the mounted account.
        environment.put("TASKQUEUE_LEASE_NAMESPACE", InstalledChart.NAMESPACE);
        environment.put("TASKQUEUE_ALLOWED_TARGET_CIDRS", ControlPlaneProcesses.SERVICE_RANGE);
        return environment;
    }

    static JsonNode deployment(String manifest) {
        return object(manifest, "Deployment");
    }

    private static JsonNode object(String manifest, String kind) {
        return Chart.objects(manifest).stream()
                .filter(object -> object.path("kind").asText().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    static Map<String, String> environment(JsonNode pod) {
        return pod.at("/containers/0/env")
                .valueStream()
                .filter(variable -> variable.has("value"))
                .collect(Collectors.toMap(
                        variable -> variable.path("name").asText(),
                        variable -> variable.path("value").asText()));
    }
}
