package dev.taskqueue.gateway.testing;

import dev.taskqueue.controlplane.ControlPlaneBinaries;
import dev.taskqueue.controlplane.ControlPlaneProcesses;
import dev.taskqueue.controlplane.InstalledPrograms;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.PrerequisiteCondition;
import dev.taskqueue.gateway.cluster.OkHttpClusterTransport;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** A real API server with our CRDs, accounts of producers, and an account of a gateway with the rights that it needs and no others. */
public final class RealCluster implements AutoCloseable {
    /** The audience of tokens for the API server itself. */
    public static final String API_AUDIENCE = "https://kubernetes.default.svc.cluster.local";

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final ControlPlaneBinaries binaries;
    private final ControlPlaneProcesses processes;
    private final Path folder;
    private final AuditTrail audit;

    /** With Roles that are written by hand. */
    public RealCluster() {
        this(ClusterRights.byHand());
    }

    /** With the Roles and policies of the chart; the gateway may act as producer, admin and stranger. Needs helm. */
    public static RealCluster ofChart() {
        PrerequisiteCondition.checkDeclared(Prerequisite.HELM);
        return new RealCluster(
                ClusterRights.ofChart(Repository.file("charts/taskqueue"), List.of("producer", "admin", "stranger")));
    }

    /** With Roles that are written by hand, and without the audit log, which would make requests of the gateway dearer than others. */
    public static RealCluster forBench() {
        return new RealCluster(ClusterRights.byHand(), false);
    }

    private RealCluster(String rights) {
        this(rights, true);
    }

    private RealCluster(String rights, boolean audited) {
        PrerequisiteCondition.checkDeclared(Prerequisite.CONTROL_PLANE);
        binaries = InstalledPrograms.here().controlPlane().orElseThrow();
        folder = ControlPlaneProcesses.newFolder();
        try {
            audit = new AuditTrail(folder);
            processes = new ControlPlaneProcesses(binaries, folder, audited ? audit.flags() : List.of());
            Runtime.getRuntime().addShutdownHook(new Thread(this::endAnyway));
            await(() -> Files.exists(processes.certificate()));
            Files.writeString(folder.resolve("kubeconfig"), processes.kubeconfig(processes.token()));
            awaitApiServer();
            kubectl("create", "-f", Repository.file("crds").toString());
            kubectl(
                    "wait",
                    "--for=condition=Established",
                    "--timeout=60s",
                    "-f",
                    Repository.file("crds").toString());
            apply(rights);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Waits until the API server is ready, for the first time or again. */
    public void awaitApiServer() {
        await(() -> "ok".equals(tryKubectl("get", "--raw", "/readyz")));
    }

    /** Applies manifests, as kubectl does. */
    public void apply(String yaml) {
        try {
            Path file = Files.writeString(folder.resolve("apply.yaml"), yaml);
            kubectl("apply", "-f", file.toString());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The requests of the gateway. */
    public AuditTrail audit() {
        return audit;
    }

    /** The key with which the API server signs tokens of ServiceAccounts. */
    public Path tokenKey() {
        return folder.resolve("serviceaccounts.key");
    }

    /** The URL at which etcd listens. */
    public String etcdUrl() {
        return processes.etcdUrl();
    }

    private void await(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await().atMost(PATIENCE).until(() -> {
            processes.checkAlive();
            return condition.call();
        });
    }

    /** A connection with the account of the gateway. */
    public OkHttpClusterTransport gatewayTransport() {
        return transportOf(ClusterRights.NAMESPACE, ClusterRights.GATEWAY);
    }

    /** A connection with an account. */
    public OkHttpClusterTransport transportOf(String namespace, String account) {
        return new OkHttpClusterTransport(config(processes.kubeconfig(tokenFor(namespace, account, API_AUDIENCE))));
    }

    /** Writes a kubeconfig for the account of the gateway, and returns its file. */
    public Path gatewayKubeconfig(Path file) throws IOException {
        return Files.writeString(
                file, processes.kubeconfig(tokenFor(ClusterRights.NAMESPACE, ClusterRights.GATEWAY, API_AUDIENCE)));
    }

    private static Config config(String kubeconfig) {
        Config config = Config.fromKubeconfig(kubeconfig);
        config.setHttpProxy(null);
        config.setHttpsProxy(null);
        return config;
    }

    /** A token of a ServiceAccount for an audience. */
    public String tokenFor(String namespace, String account, String audience) {
        return kubectl("-n", namespace, "create", "token", account, "--audience=" + audience, "--duration=1h")
                .strip();
    }

    /** Kills the API server, as a crash does. */
    public void killApiServer() {
        processes.killApiServer();
    }

    /** Starts the API server again; returns at once. */
    public void startApiServer() {
        processes.startApiServer();
    }

    /** Runs kubectl as administrator and returns what it prints. */
    public String kubectl(String... args) {
        String printed = tryKubectl(args);
        if (printed.startsWith("FAILED")) {
            throw new IllegalStateException(printed);
        }
        return printed;
    }

    /** The same, with {@code FAILED} and the reason if it fails. */
    public String tryKubectl(String... args) {
        var command =
                new ArrayList<>(List.of(binaries.kubectl().toString(), "--kubeconfig=" + folder.resolve("kubeconfig")));
        command.addAll(List.of(args));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? printed : "FAILED " + printed;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopping);
        }
    }

    private volatile boolean ended;

    private void endAnyway() {
        if (!ended) {
            close();
        }
    }

    @Override
    public void close() {
        ended = true;
        processes.stop();
    }
}
