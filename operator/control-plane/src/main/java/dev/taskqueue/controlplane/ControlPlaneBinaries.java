package dev.taskqueue.controlplane;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Where kube-apiserver, etcd and kubectl lie. */
public record ControlPlaneBinaries(Path apiServer, Path etcd, Path kubectl) {
    /** Names the folder that is looked in instead of {@code ~/.kubeapitest}; Fabric8's kube-api-test uses the same. */
    public static final String FOLDER = "KUBE_API_TEST_DIR";

    /** The newest that are installed, {@code k8s/VERSION-SYSTEM/} in the folder; empty where there are none. */
    public static Optional<ControlPlaneBinaries> installed(Map<String, String> environment, Path home) {
        String folder = environment.get(FOLDER);
        Path versions = (folder == null ? home.resolve(".kubeapitest") : Path.of(folder)).resolve("k8s");
        if (!Files.isDirectory(versions)) {
            return Optional.empty();
        }
        try (Stream<Path> all = Files.list(versions)) {
            return all.sorted(Comparator.comparing(ControlPlaneBinaries::version, Arrays::compare)
                            .reversed())
                    .map(version -> new ControlPlaneBinaries(
                            version.resolve("kube-apiserver"), version.resolve("etcd"), version.resolve("kubectl")))
                    .filter(ControlPlaneBinaries::areExecutable)
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** kube-controller-manager, which not everybody has: only few tests need it. */
    public Optional<Path> controllerManager() {
        return Optional.of(apiServer.resolveSibling("kube-controller-manager")).filter(Files::isExecutable);
    }

    private boolean areExecutable() {
        return Stream.of(apiServer, etcd, kubectl).allMatch(Files::isExecutable);
    }

    /** {@code 1.36.3-linux-amd64} as 1, 36, 3. */
    private static int[] version(Path folder) {
        String numbers = folder.getFileName().toString().replaceFirst("-.*", "");
        return Stream.of(numbers.split("\\.", -1))
                .filter(number -> number.matches("[0-9]{1,9}"))
                .mapToInt(Integer::parseInt)
                .toArray();
    }
}
