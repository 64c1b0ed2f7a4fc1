package dev.taskqueue.operator.docs;

import dev.taskqueue.controlplane.ControlPlaneProcesses;
import dev.taskqueue.controlplane.Program;
import dev.taskqueue.controlplane.testing.TestFolders;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.OperatorProcess;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs a Pod's only container as a process of this machine. */
sealed interface ContainerProcess extends AutoCloseable {
    /** Starts the process. Only the images that the pages use are allowed. */
    static ContainerProcess start(ControlPlane plane, Pod pod) {
        Container container = pod.getSpec().getContainers().getFirst();
        String image = container.getImage();
        if (image.startsWith("taskqueue-operator:")) {
            return Operator.start(plane, pod, container);
        }
        if (image.startsWith("python:")) {
            return Script.start(plane, pod, container);
        }
        throw new IllegalArgumentException("nobody has said how " + image + " is run here");
    }

    /** The result of its readiness probe. */
    boolean isReady();

    /** Its port on loopback; 0 if no Service leads here. */
    int port();

    String log();

    /** Ends the process, as when its Pod is deleted. Returns once it has ended. */
    @Override
    void close();

    private static Map<String, String> environment(Container container) {
        var environment = new HashMap<String, String>();
        container.getEnv().stream()
                .filter(variable -> variable.getValue() != null)
                .forEach(variable -> environment.put(variable.getName(), variable.getValue()));
        return environment;
    }

    /** The packaged operator, with its Pod's account and settings. */
    record Operator(OperatorProcess process) implements ContainerProcess {
        private static Operator start(ControlPlane plane, Pod pod, Container container) {
            String namespace = pod.getMetadata().getNamespace();
            Map<String, String> environment = environment(container);
            // In a Pod this value comes from the mounted account.
            environment.put("TASKQUEUE_LEASE_NAMESPACE", namespace);
            // Here ClusterIPs are on loopback, which the operator refuses by default.
            environment.put("TASKQUEUE_ALLOWED_TARGET_CIDRS", ControlPlaneProcesses.SERVICE_RANGE);
            return new Operator(new OperatorProcess(
                    plane.kubeconfig(namespace, pod.getSpec().getServiceAccountName()), environment));
        }

        @Override
        public boolean isReady() {
            if (!process.isAlive()) {
                throw new IllegalStateException("The operator ended:\n" + log());
            }
            return process.isReady();
        }

        @Override
        public int port() {
            return 0;
        }

        @Override
        public String log() {
            return process.log();
        }

        @Override
        public void close() {
            process.terminate();
            process.exitCode();
        }
    }

    /** A Python script from a ConfigMap. It listens at the address in the variable LISTEN. */
    record Script(Program program, Path said, String probe, int port) implements ContainerProcess {
        private static Script start(ControlPlane plane, Pod pod, Container container) {
            try {
                Path folder = TestFolders.create("container");
                int port = freePort();
                // The command env sets the variables, so that the names in our own environment do not matter.
                var command = new ArrayList<>(List.of("env", "LISTEN=127.0.0.1:" + port));
                environment(container).forEach((name, value) -> command.add(name + "=" + value));
                command.addAll(container.getCommand());
                mount(plane, pod, container, folder, command);
                Path said = folder.resolve("log");
                return new Script(
                        new Program(command, said),
                        said,
                        container.getReadinessProbe().getHttpGet().getPath(),
                        port);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static int freePort() throws IOException {
            try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            }
        }

        /** Writes the content of the ConfigMaps into a folder, and replaces the mount path in the command with that folder. */
        private static void mount(ControlPlane plane, Pod pod, Container container, Path folder, List<String> command)
                throws IOException {
            for (VolumeMount mount : container.getVolumeMounts()) {
                Volume volume = pod.getSpec().getVolumes().stream()
                        .filter(candidate -> candidate.getName().equals(mount.getName()))
                        .findFirst()
                        .orElseThrow();
                Path place = Files.createDirectory(folder.resolve(mount.getName()));
                var map = plane.client()
                        .configMaps()
                        .inNamespace(pod.getMetadata().getNamespace())
                        .withName(volume.getConfigMap().getName())
                        .require();
                for (var file : map.getData().entrySet()) {
                    Files.writeString(place.resolve(file.getKey()), file.getValue());
                }
                command.replaceAll(word -> word.replace(mount.getMountPath() + "/", place + "/"));
            }
        }

        @Override
        public boolean isReady() {
            if (!program.isRunning()) {
                throw new IllegalStateException("The script ended:\n" + log());
            }
            try {
                var connection = (HttpURLConnection)
                        URI.create("http://127.0.0.1:" + port + probe).toURL().openConnection(Proxy.NO_PROXY);
                return connection.getResponseCode() == 200;
            } catch (IOException notYet) {
                return false;
            }
        }

        @Override
        public String log() {
            try {
                return Files.readString(said);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            program.stop();
        }
    }
}
