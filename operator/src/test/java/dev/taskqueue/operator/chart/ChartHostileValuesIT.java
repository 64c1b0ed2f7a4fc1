package dev.taskqueue.operator.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.controlplane.testing.TestFolders;
import dev.taskqueue.operator.testing.Helm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests legal names and versions that YAML or Kubernetes may read as something else. */
@Requires(Prerequisite.HELM)
class ChartHostileValuesIT {
    private static final String LABEL = "(([A-Za-z0-9][A-Za-z0-9._-]{0,61})?[A-Za-z0-9])?";
    private static final String SUBDOMAIN = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
    private static final String SERVICE = "[a-z]([-a-z0-9]{0,61}[a-z0-9])?";

    private final Helm helm = Helm.offline();

    /** Uses the name for a release, a namespace, the chart and all objects, an account, a Secret, a label and an annotation. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "1234",
                "0",
                "1e5",
                "0x1f",
                "0o17",
                "1-2",
                "2026-11-29",
                "true",
                "false",
                "null",
                "y",
                "n",
                "on",
                "off",
                "yes",
                "no",
                "inf",
                "nan",
                "a--b",
                "x123456789x123456789x123456789x123456789x123456789x12"
            })
    void aNameIsAStringWhateverItLooksLike(String name) {
        List<JsonNode> plain = render("taskqueue", "taskqueue-system", values("plain"));
        List<JsonNode> hostile = render(name, name, values(name));
        assertThat(types(hostile)).isEqualTo(types(plain));
        hostile.forEach(ChartHostileValuesIT::hasLegalNamesAndLabels);
        assertThat(render(
                        name,
                        name,
                        values(name),
                        "--set-string",
                        "fullnameOverride=" + name.substring(0, Math.min(50, name.length()))))
                .allSatisfy(ChartHostileValuesIT::hasLegalNamesAndLabels);
    }

    @Test
    void namesOfFullLengthAreLegal() {
        String longest = "x".repeat(63);
        assertThat(render("x".repeat(53), longest, values(longest), "--set-string", "nameOverride=" + longest))
                .allSatisfy(ChartHostileValuesIT::hasLegalNamesAndLabels);
    }

    /** Flux gives a chart such a version when it packages the chart from an OCI digest. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.1.0+9414ed9678d1",
                "1.2.3-rc.1+build.5",
                "0.1.0+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "0.1.0+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.-.-"
            })
    void aVersionWithBuildMetadataGivesALegalLabel(String version) throws IOException {
        Path folder = TestFolders.create("package");
        helm.run(
                "package",
                Chart.FOLDER.toString(),
                "--version",
                version,
                "--app-version",
                version,
                "--destination",
                folder.toString());
        List<JsonNode> objects = Chart.objects(helm.run(
                "template", "t", folder.resolve("taskqueue-" + version + ".tgz").toString(), "-n", "a"));
        assertThat(objects).isNotEmpty().allSatisfy(ChartHostileValuesIT::hasLegalNamesAndLabels);
    }

    /** A label of the user may have the same name as one of our labels. Then there is one label of this name, and it is ours. */
    @Test
    void aLabelOfTheUserReplacesNoneOfOurs() {
        String labels = "{\"app.kubernetes.io/instance\":\"mine\",\"app.kubernetes.io/name\":\"mine\",\"a\":\"1\"}";
        assertThat(render("t", "ns", "commonLabels=" + labels, "--set-json", "podLabels=" + labels))
                .allSatisfy(object -> assertThat(object.at("/metadata/labels/app.kubernetes.io~1instance")
                                .asText())
                        .isEqualTo("t"))
                .allSatisfy(object ->
                        assertThat(object.at("/metadata/labels/a").asText()).isEqualTo("1"))
                .filteredOn(object -> object.path("kind").asText().equals("Deployment"))
                .singleElement()
                .satisfies(deployment -> assertThat(deployment.at("/spec/template/metadata/labels"))
                        .isEqualTo(deployment.at("/metadata/labels")));
    }

    /** A parent chart switches this chart on with a value named {@code enabled}, and passes its own values down. */
    @Test
    void anUmbrellaChartRenders() throws IOException {
        Path umbrella = TestFolders.create("umbrella");
        Files.createDirectories(umbrella.resolve("charts"));
        copy(Chart.FOLDER, umbrella.resolve("charts/taskqueue"));
        Files.writeString(umbrella.resolve("Chart.yaml"), """
                apiVersion: v2
                name: umbrella
                version: 1.0.0
                dependencies: [{name: taskqueue, version: "*", condition: taskqueue.enabled}]
                """);
        Files.writeString(umbrella.resolve("values.yaml"), "global: {team: a}\ntaskqueue: {enabled: true}\n");
        assertThat(Chart.objects(helm.run("template", "u", umbrella.toString(), "-n", "a")))
                .isNotEmpty();
        Files.writeString(umbrella.resolve("values.yaml"), "taskqueue: {enabled: false}\n");
        assertThat(Chart.objects(helm.run("template", "u", umbrella.toString(), "-n", "a")))
                .isEmpty();
    }

    /** OpenShift chooses the user and group of a Pod, and refuses Pods that set them. */
    @Test
    void aKeyOfTheSecurityContextsCanBeLeftOut() {
        JsonNode pod = render(
                        "t",
                        "ns",
                        "podSecurityContext={\"runAsUser\":null,\"runAsGroup\":null,\"fsGroup\":null}",
                        "--set-json",
                        "securityContext.readOnlyRootFilesystem=null")
                .stream()
                .filter(object -> object.path("kind").asText().equals("Deployment"))
                .findFirst()
                .orElseThrow()
                .at("/spec/template/spec");
        assertThat(pod.path("securityContext"))
                .isEqualTo(Chart.yaml("{runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}"));
        assertThat(pod.at("/containers/0/securityContext"))
                .isEqualTo(Chart.yaml("{allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}"));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static String values(String name) {
        return """
                serviceAccount={"name":"%1$s","annotations":{"a":"%1$s"}},serviceAccountTokens={"allowed":[{"namespace":"shop","names":["%1$s"]}]},\
                secretAccess={"allowed":[{"namespace":"shop","secrets":["%1$s"],"configMaps":["%1$s"]}]},imagePullSecrets=[{"name":"%1$s"}],\
                priorityClassName="%1$s",nodeSelector={"a":"%1$s"},commonLabels={"b":"%1$s"},podLabels={"c":"%1$s"},podAnnotations={"a":"%1$s"},\
                deploymentAnnotations={"a":"%1$s"},topologySpreadKeys=["%1$s"],flowSchema={"enabled":true,"priorityLevel":"%1$s"},\
                extraEnv=[{"name":"A","value":"%1$s"}],extraArgs=["%1$s"],dashboards={"enabled":true,"labels":{"d":"%1$s"}},\
                metrics={"serviceMonitor":{"enabled":true,"labels":{"d":"%1$s"}},"podMonitor":{"enabled":true,"labels":{"d":"%1$s"}},\
                "prometheusRule":{"enabled":true,"labels":{"d":"%1$s"}},"service":{"labels":{"d":"%1$s"},"annotations":{"a":"%1$s"}}},\
                image={"repository":"%1$s","tag":"%1$s"}""".formatted(name);
    }

    private List<JsonNode> render(String release, String namespace, String json, String... more) {
        return Chart.objects(helm.run(Stream.concat(
                        Stream.of("template", release, Chart.FOLDER.toString(), "-n", namespace, "--set-json", json),
                        Stream.of(more))
                .toArray(String[]::new)));
    }

    /** The type of every value, by its kind and path. Keys that contain a name are the same in both. */
    private static Map<String, JsonNodeType> types(List<JsonNode> objects) {
        var types = new TreeMap<String, JsonNodeType>();
        for (int i = 0; i < objects.size(); i++) {
            collect(i + " " + objects.get(i).path("kind").asText(), objects.get(i), types);
        }
        return types;
    }

    private static void collect(String path, JsonNode node, Map<String, JsonNodeType> types) {
        types.put(path, node.getNodeType());
        node.properties().forEach(entry -> collect(path + "/" + entry.getKey(), entry.getValue(), types));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            collect(path + "/" + i, node.get(i), types);
        }
    }

    private static void hasLegalNamesAndLabels(JsonNode object) {
        JsonNode metadata = object.path("metadata");
        String name = metadata.path("name").asText();
        assertThat(metadata.path("name").isTextual()).as(name).isTrue();
        assertThat(name).matches(object.path("kind").asText().equals("Service") ? SERVICE : SUBDOMAIN);
        assertThat(name.length()).isLessThanOrEqualTo(253);
        metadata.path("labels").properties().forEach(label -> {
            assertThat(label.getValue().isTextual())
                    .as("label %s of %s", label, name)
                    .isTrue();
            assertThat(label.getValue().asText())
                    .as("label %s of %s", label, name)
                    .matches(LABEL);
        });
        metadata.path("annotations")
                .properties()
                .forEach(annotation -> assertThat(annotation.getValue().isTextual())
                        .as("annotation %s of %s", annotation, name)
                        .isTrue());
    }
}
