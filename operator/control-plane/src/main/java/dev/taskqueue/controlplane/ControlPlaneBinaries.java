package dev.taskqueue.controlplane;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The paths of kube-apiserver, etcd and kubectl; {@link InstalledPrograms#controlPlane} finds them. */
public record ControlPlaneBinaries(Path apiServer, Path etcd, Path kubectl) {
    boolean areExecutable() {
        return Stream.of(apiServer, etcd, kubectl).allMatch(Files::isExecutable);
    }
}
