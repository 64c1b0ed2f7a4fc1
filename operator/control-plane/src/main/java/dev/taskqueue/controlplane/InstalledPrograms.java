package dev.taskqueue.controlplane;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds the programs on this machine that tests and the dev mode start. It only looks and never changes anything.
 *
 * @param environment the variables of this process
 * @param home the user's home folder
 */
public record InstalledPrograms(Map<String, String> environment, Path home) {
    /** The variable that names the folder to use instead of {@code ~/.kubeapitest}. Fabric8's kube-api-test uses the same variable. */
    public static final String FOLDER = "KUBE_API_TEST_DIR";

    /** The programs that this process sees. */
    public static InstalledPrograms here() {
        return new InstalledPrograms(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /** The folder of downloaded and built programs. */
    public Path folder() {
        String folder = environment.get(FOLDER);
        return folder == null ? home.resolve(".kubeapitest") : Path.of(folder);
    }

    /** Whether programs may be put into the folder. They may not if {@value #FOLDER} names a folder that does not exist: nobody creates it. */
    public boolean mayBeAddedTo() {
        return !environment.containsKey(FOLDER) || Files.isDirectory(folder());
    }

    /** The newest control plane, {@code k8s/VERSION-SYSTEM/} in the folder. */
    public Optional<ControlPlaneBinaries> controlPlane() {
        return versions().stream()
                .map(version -> new ControlPlaneBinaries(
                        version.resolve("kube-apiserver"), version.resolve("etcd"), version.resolve("kubectl")))
                .filter(ControlPlaneBinaries::areExecutable)
                .findFirst();
    }

    /**
     * The program kube-controller-manager. It is not offered for download. The one beside the control plane comes first, then the newest of another
     * version.
     */
    public Optional<Path> controllerManager() {
        String name = "kube-controller-manager";
        Optional<Path> beside = controlPlane()
                .map(binaries -> binaries.apiServer().resolveSibling(name))
                .filter(Files::isExecutable);
        return beside.or(() -> versions().stream()
                .map(version -> version.resolve(name))
                .filter(Files::isExecutable)
                .findFirst());
    }

    /** A program: first the one that {@code .ci/tools/build.sh} built, then the one on the PATH. */
    public Optional<Path> program(String name) {
        return tool(name).or(() -> onPath(name));
    }

    /** The folder of the CRDs of the Prometheus operator; {@code .ci/tools/build.sh} puts them there. */
    public Optional<Path> prometheusCrds() {
        return tool("prometheus-operator");
    }

    /** The Python that has Google's client for Cloud Tasks; {@code .ci/clients/python.sh} installs it. */
    public Optional<Path> pythonClient() {
        return tool("cloud-tasks-python")
                .map(folder -> folder.resolve("bin/python"))
                .filter(Files::isExecutable);
    }

    /** The folder whose {@code node_modules} has Google's client for Cloud Tasks; {@code .ci/clients/node.sh} installs it. */
    public Optional<Path> nodeClient() {
        return tool("cloud-tasks-node").filter(folder -> Files.isDirectory(folder.resolve("node_modules")));
    }

    /** The mark that Google's Go client for Cloud Tasks is compiled; {@code .ci/clients/go.sh} does that. */
    public Optional<Path> goClient() {
        return tool("cloud-tasks-go").map(folder -> folder.resolve("steps")).filter(Files::isExecutable);
    }

    /** The library of the program faketime on the PATH. A process that loads it sees another wall clock. */
    public Optional<Path> libfaketime() {
        return onPath("faketime")
                .map(program -> program.resolveSibling("../lib").normalize())
                .flatMap(lib -> Stream.concat(Stream.of(lib), children(lib).stream())
                        .map(folder -> folder.resolve("faketime/libfaketimeMT.so.1"))
                        .filter(Files::isRegularFile)
                        .findFirst());
    }

    /** The first program of this name on the PATH. */
    public Optional<Path> onPath(String name) {
        return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .map(place -> Path.of(place, name))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    /** After a change of version the folder holds both versions. The one that was built last is the pinned one. */
    private Optional<Path> tool(String name) {
        return children(folder().resolve("tools")).stream()
                .filter(file -> file.getFileName().toString().matches(name + "-[0-9.]+"))
                .max(Comparator.comparingLong(file -> file.toFile().lastModified()));
    }

    /** All versions, the newest first. */
    private List<Path> versions() {
        return children(folder().resolve("k8s")).stream()
                .sorted(Comparator.comparing(InstalledPrograms::version, Arrays::compare)
                        .reversed())
                .toList();
    }

    /** Reads {@code 1.36.3-linux-amd64} as 1, 36, 3. */
    private static int[] version(Path folder) {
        String numbers = folder.getFileName().toString().replaceFirst("-.*", "");
        return Stream.of(numbers.split("\\.", -1))
                .filter(number -> number.matches("[0-9]{1,9}"))
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    private static List<Path> children(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
