package dev.taskqueue.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstalledProgramsTest {
    private final Map<String, String> environment = new HashMap<>();

    @TempDir
    Path home;

    @Test
    void anEmptyMachineHasNothingAndMayGetIt() {
        var programs = programs();
        assertThat(programs.folder()).isEqualTo(home.resolve(".kubeapitest"));
        assertThat(programs.mayBeAddedTo()).isTrue();
        assertThat(programs.controlPlane()).isEmpty();
        assertThat(programs.controllerManager()).isEmpty();
        assertThat(programs.program("helm")).isEmpty();
        assertThat(programs.prometheusCrds()).isEmpty();
    }

    @Test
    void theNewestCompleteControlPlaneIsTaken() throws IOException {
        controlPlane("1.9.0-linux-amd64");
        controlPlane("1.36.3-linux-amd64");
        put("k8s/1.37.0-linux-amd64/kube-apiserver");
        assertThat(programs().controlPlane())
                .map(ControlPlaneBinaries::etcd)
                .contains(folder().resolve("k8s/1.36.3-linux-amd64/etcd"));
    }

    @Test
    void theControllerManagerBesideTheControlPlaneIsTakenBeforeOthers() throws IOException {
        controlPlane("1.36.3-linux-amd64");
        Path other = put("k8s/1.37.0-linux-amd64/kube-controller-manager");
        assertThat(programs().controllerManager()).contains(other);
        Path own = put("k8s/1.36.3-linux-amd64/kube-controller-manager");
        assertThat(programs().controllerManager()).contains(own);
    }

    @Test
    void aBuiltProgramIsTakenBeforeThatOfThePath() throws IOException {
        Path onPath = program(home.resolve("bin/helm"));
        environment.put("PATH", "/nowhere:" + home.resolve("bin"));
        assertThat(programs().program("helm")).contains(onPath);
        Path built = put("tools/helm-3.19.0");
        assertThat(programs().program("helm")).contains(built);
    }

    @Test
    void aFolderThatIsNamedMustExistToBeAddedTo() throws IOException {
        environment.put("KUBE_API_TEST_DIR", home.resolve("named").toString());
        assertThat(programs().folder()).isEqualTo(home.resolve("named"));
        assertThat(programs().mayBeAddedTo()).isFalse();
        Files.createDirectory(home.resolve("named"));
        assertThat(programs().mayBeAddedTo()).isTrue();
    }

    private void controlPlane(String version) throws IOException {
        for (String name : List.of("kube-apiserver", "etcd", "kubectl")) {
            put("k8s/" + version + "/" + name);
        }
    }

    private Path put(String file) throws IOException {
        return program(folder().resolve(file));
    }

    private static Path program(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }

    private Path folder() {
        return programs().folder();
    }

    private InstalledPrograms programs() {
        return new InstalledPrograms(environment, home);
    }
}
