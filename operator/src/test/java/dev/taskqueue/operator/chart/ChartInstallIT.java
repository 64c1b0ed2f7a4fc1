package dev.taskqueue.operator.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.controlplane.testing.TestFolders;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.Helm;
import dev.taskqueue.operator.testing.Kubeconform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Installs the chart as people do, on an API server that has none of our objects yet. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.HELM, Prerequisite.KUBECONFORM, Prerequisite.PROMETHEUS_CRDS})
class ChartInstallIT {
    private static final String OURS = InstalledChart.NAMESPACE;
    /** Of queues, Tasks and batches. */
    private static final int CRDS = 3;

    private static @Nullable ControlPlane started;

    private final ControlPlane plane = Objects.requireNonNull(started);
    private final Helm helm = Helm.on(plane);

    @BeforeAll
    static void start() {
        ControlPlane own = InstalledChart.prepare();
        started = own;
        // Only the namespace decides which Pods are allowed. This namespace allows the least.
        own.kubectl("label", "namespace", OURS, "pod-security.kubernetes.io/enforce=restricted");
    }

    @AfterAll
    static void stop() {
        if (started != null) {
            started.close();
        }
    }

    static List<String> values() {
        return Chart.VALUES;
    }

    private String[] release(String command, String... more) {
        return Stream.concat(Stream.of(command, "taskqueue", Chart.FOLDER.toString(), "-n", OURS), Stream.of(more))
                .toArray(String[]::new);
    }

    /** Uninstalls the release, and returns when all of it is gone. The API server needs some time to delete a CRD. */
    private void uninstall(String namespace) {
        helm.run("uninstall", "taskqueue", "-n", namespace, "--wait");
    }

    @ParameterizedTest
    @MethodSource("values")
    void itIsInstalledUpgradedRolledBackAndUninstalled(String values) {
        helm.run(release("install", "-f", Chart.values(values)));
        try {
            var installed = objects();
            assertThat(installed).isNotEmpty();
            String replicas = replicas();
            helm.run(release("upgrade", "-f", Chart.values(values), "--set-json", "replicaCount=3"));
            assertThat(replicas()).isEqualTo("3");
            helm.run("rollback", "taskqueue", "1", "-n", OURS);
            assertThat(replicas()).isEqualTo(replicas);
            assertThat(objects()).isEqualTo(installed);
        } finally {
            uninstall(OURS);
        }
        assertThat(objects()).allMatch(name -> name.startsWith("customresourcedefinition"));
    }

    /** The objects of the release that really exist, by kind and name. */
    private Set<String> objects() {
        return plane.kubectl(
                        "get",
                        "crd,sa,cm,deploy,pdb,netpol,svc,role,rolebinding,clusterrole,clusterrolebinding,flowschema,"
                                + "validatingadmissionpolicy,validatingadmissionpolicybinding,servicemonitor,podmonitor,"
                                + "prometheusrule",
                        "-A",
                        "-l",
                        "app.kubernetes.io/instance=taskqueue",
                        "-o",
                        "jsonpath={range .items[*]}{.kind}/{.metadata.namespace}/{.metadata.name}{\"\\n\"}{end}")
                .lines()
                .map(line -> line.toLowerCase(java.util.Locale.ROOT))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private String replicas() {
        return plane.kubectl("get", "deployment", "taskqueue", "-n", OURS, "-o", "jsonpath={.spec.replicas}");
    }

    @ParameterizedTest
    @MethodSource("values")
    void theApiServerKnowsEveryFieldAndTakesEveryObject(String values) {
        String manifest = helm.run(release("template", "-f", Chart.values(values)));
        assertThat(plane.kubectlWithInput(
                                manifest,
                                "apply",
                                "--server-side",
                                "--force-conflicts",
                                "--dry-run=server",
                                "--validate=strict",
                                "-o",
                                "name",
                                "-f",
                                "-")
                        .lines())
                .hasSameSizeAs(Chart.objects(manifest));
    }

    @ParameterizedTest
    @MethodSource("values")
    void everyObjectConformsToItsSchema(String values) {
        String manifest = helm.run(release("template", "-f", Chart.values(values)));
        Set<String> versions = Chart.objects(manifest).stream()
                .map(object -> object.path("apiVersion").asText())
                .collect(Collectors.toSet());
        var kubeconform = new Kubeconform(plane);
        assertThat(kubeconform.complaints(manifest, versions)).isEmpty();
        assertThat(kubeconform.complaints(manifest.replace("replicas:", "replicaz:"), versions))
                .allMatch(complaint -> complaint.contains("is invalid") && complaint.contains("replicaz"))
                .anyMatch(complaint -> complaint.contains("Deployment taskqueue is invalid"));
    }

    @ParameterizedTest
    @MethodSource("values")
    void itsPodsAreTakenWhereOnlyRestrictedOnesAre(String values) {
        // The account must exist, because the API server mounts its token.
        helm.run(release("install", "-f", Chart.values(values)));
        try {
            JsonNode template = ChartRenderIT.deployment(helm.run(release("template", "-f", Chart.values(values))))
                    .at("/spec/template");
            assertThat(create(template)).startsWith("pod/");
            ObjectNode privileged = template.deepCopy();
            ((ObjectNode) privileged.at("/spec/containers/0/securityContext")).put("allowPrivilegeEscalation", true);
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> create(privileged)))
                    .hasMessageContaining("violates PodSecurity \"restricted");
        } finally {
            uninstall(OURS);
        }
    }

    private String create(JsonNode template) {
        ObjectNode pod = template.deepCopy();
        pod.put("apiVersion", "v1").put("kind", "Pod");
        ((ObjectNode) pod.path("metadata")).put("name", "try");
        return plane.kubectlWithInput(
                pod.toString(), "create", "-n", OURS, "--dry-run=server", "-o", "name", "-f", "-");
    }

    @Test
    void theNotesGiveTheNextThreeCommands() {
        String notes = helm.run(release("install", "--dry-run=client"));
        assertThat(notes.substring(notes.indexOf("NOTES:")).lines().filter(line -> line.startsWith("  ")))
                .hasSize(3)
                .allMatch(line -> line.contains("kubectl"))
                .anyMatch(line -> line.contains("-n taskqueue-system rollout status deployment/taskqueue"));
    }

    @Test
    void crdsThatStayedAreTakenUpAgain() {
        helm.run(release("install"));
        uninstall(OURS);
        assertThat(objects()).hasSize(CRDS);
        helm.run(release("install", "--set-json", "crds.keep=false"));
        uninstall(OURS);
        assertThat(objects()).isEmpty();
    }

    @Test
    void twoInstallsForNamespacesOfTheirOwnDoNotMeet() {
        helm.run(release("install", "--set-json", "watchNamespaces=[\"orders\"]"));
        try {
            helm.run(
                    "install",
                    "taskqueue",
                    Chart.FOLDER.toString(),
                    "-n",
                    "shipping",
                    "--set-json",
                    "watchNamespaces=[\"shipping\"]",
                    "--set-json",
                    "crds.enabled=false");
            uninstall("shipping");
        } finally {
            uninstall(OURS);
        }
    }

    @Test
    void thePlainManifestsAreTaken() {
        String manifests = Chart.REPOSITORY.resolve("charts/manifests").toString();
        assertThat(plane.kubectl("apply", "--server-side", "--force-conflicts", "--dry-run=server", "-k", manifests))
                .contains("deployment.apps/taskqueue", "customresourcedefinition");
        assertThat(plane.kubectl(
                                "apply",
                                "--server-side",
                                "--force-conflicts",
                                "--dry-run=server",
                                "-f",
                                manifests + "/crds.yaml")
                        .lines())
                .hasSize(CRDS);
    }

    @Test
    void aKustomizationMovesTheNamespacedManifests() throws IOException {
        Path folder = TestFolders.create("kustomize");
        Path base = Files.createDirectory(folder.resolve("base"));
        for (String name : List.of("install.yaml", "kustomization.yaml")) {
            Files.copy(Chart.REPOSITORY.resolve("charts/manifests/namespaced").resolve(name), base.resolve(name));
        }
        Files.writeString(folder.resolve("kustomization.yaml"), "{resources: [base], namespace: orders}");
        assertThat(plane.kubectl("kustomize", folder.toString())).doesNotContain("namespace: taskqueue");
        assertThat(plane.kubectl("apply", "--server-side", "--dry-run=server", "-k", folder.toString()))
                .contains("deployment.apps/taskqueue");
    }
}
