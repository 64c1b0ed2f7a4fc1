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
 * What this machine has of the programs that tests and the dev mode start. It looks and never changes anything.
 *
 * @param environment the variables of this process
 * @param home the user's
 */
public record InstalledPrograms(Map<String, String> environment, Path home) {
    /** Names the folder that is looked in instead of {@code ~/.kubeapitest}; Fabric8's kube-api-test uses the same. */
    public static final String FOLDER = "KUBE_API_TEST_DIR";

    /** Those that this process sees. */
    public static InstalledPrograms here() {
        return new InstalledPrograms(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /** Where downloaded and built programs lie. */
    public Path folder() {
        String folder = environment.get(FOLDER);
        return folder == null ? home.resolve(".kubeapitest") : Path.of(folder);
    }

    /** Whether programs may be put into the folder. They may not where {@value #FOLDER} names one that does not exist: nobody creates that one. */
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

    /** kube-controller-manager, which nobody offers for download: the one beside the control plane, else the newest of another version. */
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

    /** A program: the one that {@code .ci/tools/build.sh} built, else the one on the PATH. */
    public Optional<Path> program(String name) {
        return tool(name).or(() -> onPath(name));
    }

    /** The CRDs of the Prometheus operator, as a folder; {@code .ci/tools/build.sh} puts them there. */
    public Optional<Path> prometheusCrds() {
        return tool("prometheus-operator");
    }

    /** The first program of this name on the PATH. */
    public Optional<Path> onPath(String name) {
        return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .map(place -> Path.of(place, name))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    /** After a change of version both lie there; the one that was built last is the one that is pinned. */
    private Optional<Path> tool(String name) {
        return children(folder().resolve("tools")).stream()
                .filter(file -> file.getFileName().toString().matches(name + "-[0-9.]+"))
                .max(Comparator.comparingLong(file -> file.toFile().lastModified()));
    }

    /** The newest first. */
    private List<Path> versions() {
        return children(folder().resolve("k8s")).stream()
                .sorted(Comparator.comparing(InstalledPrograms::version, Arrays::compare)
                        .reversed())
                .toList();
    }

    /** {@code 1.36.3-linux-amd64} as 1, 36, 3. */
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
