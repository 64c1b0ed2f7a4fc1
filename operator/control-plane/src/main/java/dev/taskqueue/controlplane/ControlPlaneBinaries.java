package dev.taskqueue.controlplane;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Where kube-apiserver, etcd and kubectl lie; {@link InstalledPrograms#controlPlane} finds them. */
public record ControlPlaneBinaries(Path apiServer, Path etcd, Path kubectl) {
    boolean areExecutable() {
        return Stream.of(apiServer, etcd, kubectl).allMatch(Files::isExecutable);
    }
}
