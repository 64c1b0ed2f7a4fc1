package dev.taskqueue.operator.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.InstalledPrograms;
import dev.taskqueue.controlplane.testing.Prerequisite;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrerequisiteInstallerTest {
    private static final String CONTROL_PLANE = ".ci/control-plane/build.sh";
    private static final String TOOLS = ".ci/tools/build.sh";
    private static final String CLIENTS = ".ci/clients/";

    private final List<String> done = new ArrayList<>();
    private final List<String> said = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();

    @TempDir
    Path home;

    @Test
    void whatIsFoundIsNeitherDownloadedNorBuiltNorTold() {
        putSystemPrograms();
        putControlPlane();
        put("k8s/1.36.3-linux-amd64/kube-controller-manager");
        putTools();
        assertThat(install(true, true)).isEmpty();
        assertThat(done).isEmpty();
        assertThat(said).isEmpty();
    }

    @Test
    void whatIsNotFoundIsDownloaded() {
        putSystemPrograms();
        assertThat(install(true, true))
                .containsExactly(
                        Prerequisite.CONTROLLER_MANAGER,
                        Prerequisite.HELM,
                        Prerequisite.KUBECONFORM,
                        Prerequisite.PROMETHEUS_CRDS);
        assertThat(done).containsExactly("download");
        assertThat(said)
                .contains(
                        "[integration tests] Not found: kube-controller-manager, helm, kubeconform, the CRDs of the Prometheus operator."
                                + " Put Go on the PATH and run \"mvn verify\" again: it builds what is missing, once.");
    }

    @Test
    void whatCannotBeDownloadedIsBuilt() {
        putSystemPrograms();
        putGo();
        assertThat(install(false, true)).isEmpty();
        assertThat(done).containsExactly("download", CONTROL_PLANE, TOOLS);
        assertThat(said)
                .hasSize(4)
                .anySatisfy(line -> assertThat(line).contains("downloading them, once"))
                .anySatisfy(line -> assertThat(line).contains("cannot be downloaded: no network"))
                .anySatisfy(line -> assertThat(line).contains("Building with Go", "some minutes", CONTROL_PLANE))
                .anySatisfy(line -> assertThat(line).contains("Building with Go", "some minutes", TOOLS));
    }

    @Test
    void aDownloadIsCompletedByWhatNobodyOffersForDownload() {
        putSystemPrograms();
        putGo();
        assertThat(install(true, true)).isEmpty();
        assertThat(done).containsExactly("download", CONTROL_PLANE + " kube-controller-manager", TOOLS);
    }

    @Test
    void whatCannotBeHadIsToldAndWhy() {
        putSystemPrograms();
        putGo();
        assertThat(install(false, false)).contains(Prerequisite.CONTROL_PLANE, Prerequisite.HELM);
        assertThat(done).containsExactly("download", CONTROL_PLANE, TOOLS);
        assertThat(said)
                .anySatisfy(line -> assertThat(line).contains("cannot be built: no compiler"))
                .anySatisfy(line -> assertThat(line)
                        .contains("Not found: kube-apiserver and etcd, ", "Run .ci/control-plane/build.sh: "));
    }

    @Test
    void aFolderThatIsNamedAndDoesNotExistStaysAway() {
        putSystemPrograms();
        putGo();
        Path folder = home.resolve("nonexistent");
        environment.put("KUBE_API_TEST_DIR", folder.toString());
        assertThat(install(true, true)).contains(Prerequisite.CONTROL_PLANE);
        assertThat(done).isEmpty();
        assertThat(folder).doesNotExist();
        assertThat(said)
                .contains(
                        "[integration tests] Not found: kube-apiserver and etcd, kube-controller-manager, helm, kubeconform,"
                                + " the CRDs of the Prometheus operator, Google's Python client for Cloud Tasks, Google's Node client for Cloud Tasks,"
                                + " Google's Go client for Cloud Tasks. KUBE_API_TEST_DIR names "
                                + folder
                                + ", which does not exist, so nothing is downloaded or built: unset it, or create that folder.");
    }

    @Test
    void aFolderThatIsNamedAndExistsIsFilled() throws IOException {
        environment.put(
                "KUBE_API_TEST_DIR",
                Files.createDirectory(home.resolve("other")).toString());
        putSystemPrograms();
        putGo();
        assertThat(install(false, true)).isEmpty();
        assertThat(home.resolve("other/k8s")).isDirectory();
        assertThat(home.resolve(".kubeapitest")).doesNotExist();
    }

    @Test
    void aClientIsInstalledWhereThereIsItsLanguage() {
        putControlPlane();
        put("k8s/1.36.3-linux-amd64/kube-controller-manager");
        putTools();
        List.of("python3", "npm").forEach(name -> program(home.resolve("bin").resolve(name)));
        environment.put("PATH", home.resolve("bin").toString());
        assertThat(install(true, true))
                .contains(Prerequisite.GO_CLIENT)
                .doesNotContain(Prerequisite.PYTHON_CLIENT, Prerequisite.NODE_CLIENT);
        assertThat(done).containsExactly(CLIENTS + "python.sh", CLIENTS + "node.sh");
    }

    private List<Prerequisite> install(boolean hasNetwork, boolean hasCompiler) {
        var programs = new InstalledPrograms(environment, home);
        return new PrerequisiteInstaller(
                        programs, what -> download(hasNetwork), what -> build(what, hasCompiler), said::add)
                .install();
    }

    private Optional<String> download(boolean hasNetwork) {
        done.add("download");
        if (!hasNetwork) {
            return Optional.of("no network");
        }
        putControlPlane();
        return Optional.empty();
    }

    private Optional<String> build(List<String> what, boolean hasCompiler) {
        done.add(String.join(" ", what));
        if (!hasCompiler) {
            return Optional.of("no compiler");
        }
        if (what.contains(TOOLS)) {
            putTools();
        } else if (what.getFirst().startsWith(CLIENTS)) {
            putClient(what.getFirst().substring(CLIENTS.length()));
        } else {
            putControlPlane();
            put("k8s/1.36.3-linux-amd64/kube-controller-manager");
        }
        return Optional.empty();
    }

    private void putControlPlane() {
        List.of("kube-apiserver", "etcd", "kubectl").forEach(name -> put("k8s/1.36.3-linux-amd64/" + name));
    }

    private void putTools() {
        put("tools/helm-3.19.0");
        put("tools/kubeconform-0.7.0");
        put("tools/prometheus-operator-0.85.0");
    }

    private void putClients() {
        List.of("python.sh", "node.sh", "go.sh").forEach(this::putClient);
    }

    private void putClient(String script) {
        put(
                switch (script) {
                    case "python.sh" -> "tools/cloud-tasks-python-2.26.0/bin/python";
                    case "node.sh" -> "tools/cloud-tasks-node-6.3.0/node_modules/tasks";
                    default -> "tools/cloud-tasks-go-1.21.1/steps";
                });
    }

    private void putGo() {
        program(home.resolve("bin/go"));
        environment.put("PATH", home.resolve("bin").toString());
    }

    private void putSystemPrograms() {
        program(home.resolve("bin/python3"));
        for (String name :
                List.of("faketime", "chromium", "chromedriver", "node", "busybox", "prometheus", "promtool")) {
            program(home.resolve("bin").resolve(name));
        }
        program(home.resolve("lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"));
        putClients();
        environment.put("PATH", home.resolve("bin").toString());
    }

    private void put(String file) {
        program(new InstalledPrograms(environment, home).folder().resolve(file));
    }

    private static void program(Path file) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, "");
            assertThat(file.toFile().setExecutable(true)).isTrue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
