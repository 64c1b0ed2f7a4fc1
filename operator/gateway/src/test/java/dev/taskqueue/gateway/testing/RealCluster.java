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
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** The rights of the gateway; it may act as the producers of the namespace shop and as nobody else. */
    private static final String ACCOUNTS = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: shop}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: taskqueue-gateway}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: gateway, namespace: taskqueue-gateway}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: producer, namespace: shop}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: admin, namespace: shop}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: stranger, namespace: shop}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: unlisted, namespace: shop}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: powerful, namespace: kube-system}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: taskqueue-gateway}
            rules:
            - {apiGroups: [authentication.k8s.io], resources: [tokenreviews], verbs: [create]}
            - {apiGroups: [authorization.k8s.io], resources: [subjectaccessreviews], verbs: [create]}
            - {apiGroups: [taskqueue.dev], resources: [taskqueues], verbs: [get, list, watch]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: taskqueue-gateway}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: taskqueue-gateway}
            subjects: [{kind: ServiceAccount, name: gateway, namespace: taskqueue-gateway}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: taskqueue-gateway, namespace: shop}
            rules:
            - {apiGroups: [""], resources: [serviceaccounts], resourceNames: [producer, admin, stranger], verbs: [impersonate]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: taskqueue-gateway, namespace: shop}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: taskqueue-gateway}
            subjects: [{kind: ServiceAccount, name: gateway, namespace: taskqueue-gateway}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: producer, namespace: shop}
            rules:
            - {apiGroups: [taskqueue.dev], resources: [tasks], verbs: [create]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: producer, namespace: shop}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: producer}
            subjects: [{kind: ServiceAccount, name: producer, namespace: shop}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: admin, namespace: shop}
            rules:
            - {apiGroups: [taskqueue.dev], resources: [tasks], verbs: [create, get, list, delete, patch, deletecollection]}
            - {apiGroups: [taskqueue.dev], resources: [taskqueues], verbs: [create, get, list, delete, patch]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: admin, namespace: shop}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: admin}
            subjects: [{kind: ServiceAccount, name: admin, namespace: shop}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: powerful}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
            subjects: [{kind: ServiceAccount, name: powerful, namespace: kube-system}]
            """;

    private final ControlPlaneBinaries binaries;
    private final ControlPlaneProcesses processes;
    private final Path folder;

    public RealCluster() {
        PrerequisiteCondition.checkDeclared(Prerequisite.CONTROL_PLANE);
        binaries = InstalledPrograms.here().controlPlane().orElseThrow();
        folder = ControlPlaneProcesses.newFolder();
        try {
            processes = new ControlPlaneProcesses(
                    binaries,
                    folder,
                    List.of("--api-audiences=https://kubernetes.default.svc.cluster.local,taskqueue-gateway"));
            Runtime.getRuntime().addShutdownHook(new Thread(this::endAnyway));
            await(() -> Files.exists(processes.certificate()));
            Files.writeString(folder.resolve("kubeconfig"), processes.kubeconfig(processes.token()));
            await(() -> "ok".equals(tryKubectl("get", "--raw", "/readyz")));
            kubectl("create", "-f", repository().resolve("crds").toString());
            kubectl(
                    "wait",
                    "--for=condition=Established",
                    "--timeout=60s",
                    "-f",
                    repository().resolve("crds").toString());
            Files.writeString(folder.resolve("accounts.yaml"), ACCOUNTS);
            kubectl("apply", "-f", folder.resolve("accounts.yaml").toString());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void await(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await().atMost(PATIENCE).until(() -> {
            processes.checkAlive();
            return condition.call();
        });
    }

    private static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("crds"))) {
            folder = java.util.Objects.requireNonNull(folder.getParent(), "no folder crds in this one or above");
        }
        return folder;
    }

    /** A connection with the account of the gateway. */
    public OkHttpClusterTransport gatewayTransport() {
        String token = tokenFor("taskqueue-gateway", "gateway", "https://kubernetes.default.svc.cluster.local");
        return new OkHttpClusterTransport(config(processes.kubeconfig(token)));
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
