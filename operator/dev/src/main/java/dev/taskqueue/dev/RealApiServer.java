package dev.taskqueue.dev;

import dev.taskqueue.controlplane.ControlPlaneBinaries;
import dev.taskqueue.controlplane.ControlPlaneProcesses;
import dev.taskqueue.controlplane.InstalledPrograms;
import dev.taskqueue.operator.api.ApiGroup;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Runs kube-apiserver and etcd as separate processes, which end with the run. */
final class RealApiServer implements DevApiServer {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final List<String> KINDS = List.of("taskqueues", "tasks", "taskbatches");

    private final ControlPlaneProcesses processes;
    private final ControlPlaneBinaries binaries;
    private final Path kubeconfig;
    private final Config config;

    private RealApiServer(ControlPlaneBinaries binaries) throws IOException {
        this.binaries = binaries;
        Path folder = ControlPlaneProcesses.newFolder();
        kubeconfig = folder.resolve("kubeconfig");
        processes = new ControlPlaneProcesses(binaries, folder, List.of());
        try {
            await("the API server's certificate", () -> Files.exists(processes.certificate()));
            String text = processes.kubeconfig(processes.token());
            Files.writeString(kubeconfig, text);
            config = Config.fromKubeconfig(text);
            // The proxy settings of the environment are not meant for loopback.
            config.setHttpProxy(null);
            config.setHttpsProxy(null);
            install();
        } catch (IOException | RuntimeException e) {
            processes.stop();
            throw e;
        }
    }

    /** @throws IllegalArgumentException with a sentence for the user, if the programs are not installed */
    static RealApiServer start(InstalledPrograms programs) throws IOException {
        ControlPlaneBinaries binaries = programs.controlPlane()
                .orElseThrow(() -> new IllegalArgumentException(
                        "--real finds no kube-apiserver and etcd here; .ci/control-plane/build.sh builds them, or leave"
                                + " --real out."));
        return new RealApiServer(binaries);
    }

    private void install() throws IOException {
        try (var client = new KubernetesClientBuilder()
                .withConfig(config)
                .editOrNewConfig()
                .withRequestRetryBackoffLimit(0)
                .endConfig()
                .build()) {
            await("the API server", () -> answers(client, "/readyz"));
            for (String kind : KINDS) {
                String crd = "/crds/" + kind + "." + ApiGroup.NAME + ".yaml";
                try (InputStream yaml = Objects.requireNonNull(RealApiServer.class.getResourceAsStream(crd), crd)) {
                    client.apiextensions()
                            .v1()
                            .customResourceDefinitions()
                            .load(yaml)
                            .create();
                }
            }
            await(
                    "our kinds",
                    () -> KINDS.stream()
                            .allMatch(kind -> answers(client, "/apis/" + ApiGroup.API_VERSION + "/" + kind)));
        }
    }

    private static boolean answers(KubernetesClient client, String path) {
        try {
            return client.raw(path) != null;
        } catch (KubernetesClientException notYet) {
            return false;
        }
    }

    private void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + START.toNanos();
        while (!condition.getAsBoolean()) {
            processes.checkAlive();
            if (System.nanoTime() > end) {
                throw new IllegalStateException(what + " did not come within " + START.toSeconds() + " s");
            }
            try {
                TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
            } catch (InterruptedException stop) {
                throw new IllegalStateException("interrupted while waiting", stop);
            }
        }
    }

    @Override
    public Config clientConfig() {
        return config;
    }

    @Override
    public String kubectl() {
        return binaries.kubectl() + " --kubeconfig " + kubeconfig;
    }

    /** The page would need a login of its own there; {@code kubectl tq console} lends it that of kubectl. */
    @Override
    public Optional<String> console() {
        return Optional.empty();
    }

    @Override
    public void close() {
        try {
            processes.stop();
        } catch (UncheckedIOException e) {
            throw new UncheckedIOException(
                    "the folder " + kubeconfig.getParent() + " could not be deleted", e.getCause());
        }
    }
}
