package dev.taskqueue.operator.testing;

import dev.taskqueue.controlplane.ControlPlaneBinaries;
import dev.taskqueue.controlplane.ControlPlaneProcesses;
import dev.taskqueue.controlplane.InstalledPrograms;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.PrerequisiteCondition;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A real kube-apiserver with etcd, both on loopback only, with our CRDs installed. Nothing else runs unless a test starts it
 * ({@link #startControllers}): there is no garbage collection, there are no EndpointSlices and no default ServiceAccounts, and a deleted namespace
 * never goes. ClusterIPs are from {@value ControlPlaneProcesses#SERVICE_RANGE}, where a test may listen.
 */
public final class ControlPlane implements AutoCloseable {
    static final KubernetesSerialization YAML = new KubernetesSerialization();

    /** For {@code @ResourceLock}: only one test at a time may start controllers on the shared control plane. */
    public static final String CONTROLLERS = "controllers of the shared control plane";

    private static final int MOST_STARTS = 5;
    private static final Duration START = Duration.ofMinutes(5);

    private static @Nullable ControlPlane shared;

    private final AtomicInteger namespaces = new AtomicInteger();
    private final ControlPlaneProcesses processes;
    private final ControlPlaneBinaries binaries;
    private final AuditLog audit;
    private final Kubectl kubectl;
    private final Path kubeconfigFile;
    private final String kubeconfig;
    private final KubernetesClient client;
    private final Thread ender = new Thread(this::end);
    private volatile boolean open = true;

    private ControlPlane(List<String> apiServerFlags) {
        PrerequisiteCondition.checkDeclared(Prerequisite.CONTROL_PLANE);
        binaries = InstalledPrograms.here().controlPlane().orElseThrow();
        Path folder = ControlPlaneProcesses.newFolder();
        try {
            audit = new AuditLog(folder);
            List<String> flags = new ArrayList<>(audit.flags());
            flags.addAll(apiServerFlags);
            processes = new ControlPlaneProcesses(binaries, folder, flags);
            Runtime.getRuntime().addShutdownHook(ender);
            awaitCertificate();
            kubeconfig = processes.kubeconfig(processes.token());
            client =
                    new KubernetesClientBuilder().withConfig(config(kubeconfig)).build();
            kubeconfigFile = Files.writeString(folder.resolve("kubeconfig"), kubeconfig);
            kubectl = new Kubectl(binaries.kubectl(), kubeconfigFile, folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The control plane that all tests of this JVM share. The first call starts it, and it stops at the end of the JVM. Each test uses its own
     * {@link #newNamespace}.
     */
    public static synchronized ControlPlane shared() {
        if (shared == null) {
            shared = start(List.of(), true);
        }
        return shared;
    }

    /**
     * A control plane for the caller alone, who may restart it and must close it. Flags are added to those of kube-apiserver, as
     * {@code --name=value}.
     */
    public static ControlPlane startOwn(String... apiServerFlags) {
        return start(List.of(apiServerFlags), true);
    }

    /** Does the same without our CRDs, for tests that install them. */
    public static ControlPlane startWithoutCrds(String... apiServerFlags) {
        return start(List.of(apiServerFlags), false);
    }

    private static ControlPlane start(List<String> apiServerFlags, boolean crds) {
        var plane = new ControlPlane(apiServerFlags);
        try {
            plane.awaitReady();
            if (crds) {
                plane.installCrds();
            }
            return plane;
        } catch (RuntimeException | Error e) {
            plane.close();
            throw e;
        }
    }

    /** A kubeconfig, YAML, of a member of {@code system:masters}. */
    public String kubeconfig() {
        return kubeconfig;
    }

    /** A kubeconfig, YAML, of a ServiceAccount, with a token that is valid for a day. It is for tests of permissions. */
    public String kubeconfig(String namespace, String serviceAccount) {
        var request = new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(86_400L)
                .endSpec()
                .build();
        var answer = client.serviceAccounts()
                .inNamespace(namespace)
                .withName(serviceAccount)
                .tokenRequest(request);
        return processes.kubeconfig(answer.getStatus().getToken());
    }

    /** The requests of ServiceAccounts. The log is gone once the control plane is closed. */
    AuditLog audit() {
        return audit;
    }

    boolean isOpen() {
        return open;
    }

    /** A client of {@link #kubeconfig()} that all callers share. The API server does not throttle it. */
    public KubernetesClient client() {
        return client;
    }

    /** A new client for a kubeconfig of this control plane. The caller must close it. */
    public KubernetesClient client(String kubeconfig) {
        return new KubernetesClientBuilder().withConfig(config(kubeconfig)).build();
    }

    /** The URL at which the API server listens, {@code https://127.0.0.1:PORT}. */
    public String url() {
        return processes.url();
    }

    /** Creates a namespace that no other test uses. */
    public String newNamespace() {
        String name = "it-" + namespaces.incrementAndGet();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        return name;
    }

    /** Creates a ServiceAccount. No account is created automatically, not even {@code default}. */
    public void createServiceAccount(String namespace, String name) {
        client.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    /** Runs kubectl and returns its stdout. If it fails, throws {@link KubectlFailed} with its stderr. */
    public String kubectl(String... args) {
        return kubectl.run("", List.of(args));
    }

    /** Does the same as {@link #kubectl}, with a manifest on stdin, for {@code -f -}. */
    public String kubectlWithInput(String stdin, String... args) {
        return kubectl.run(stdin, List.of(args));
    }

    /** A shell for scripts that use kubectl and helm on this control plane. */
    public Shell newShell() {
        return new Shell(binaries.kubectl(), kubeconfig);
    }

    /** The API server's own metrics, in Prometheus' text format: {@code apiserver_request_total} counts writes. */
    public String metrics() {
        return client.raw("/metrics");
    }

    /** The process ids of etcd and kube-apiserver, to measure their CPU. Only {@link #close} may end them. */
    public List<Long> processIds() {
        return processes.ids();
    }

    /** Stops the API server and starts it again on the same port, with the same data; returns once it is ready. */
    public void restartApiServer() {
        stopApiServer();
        startApiServer();
    }

    /** Stops the API server. Etcd keeps the data. */
    public void stopApiServer() {
        processes.stopApiServer();
        audit.read();
    }

    /** Kills the API server, as a crash of its machine does. */
    public void killApiServer() {
        processes.killApiServer();
        audit.read();
    }

    /** Kills etcd. The API server stays, and can neither read nor write. */
    public void killEtcd() {
        processes.killEtcd();
    }

    /** Starts etcd again with its data, and returns once the API server is ready. */
    public void startEtcd() {
        processes.startEtcd();
        awaitReady();
    }

    /** The URL at which etcd listens, for tests that watch what is stored. */
    public String etcdUrl() {
        return processes.etcdUrl();
    }

    /** Starts a stopped API server, and returns once it is ready. */
    public void startApiServer() {
        startProcess();
        awaitReady();
        audit.readOfUnready();
    }

    /** Starts these controllers of kube-controller-manager, by their names there. The caller must stop them. */
    public void startControllers(String... controllers) {
        PrerequisiteCondition.checkDeclared(Prerequisite.CONTROLLER_MANAGER);
        processes.startControllerManager(
                InstalledPrograms.here().controllerManager().orElseThrow(), kubeconfigFile, List.of(controllers));
    }

    /** Stops the controllers that {@link #startControllers} started. */
    public void stopControllers() {
        // If a controller had died, the test could not have seen its work.
        try {
            processes.checkAlive();
        } finally {
            processes.stopControllerManager();
        }
    }

    /** Stops all processes. The shared control plane is stopped at the end of the JVM instead. */
    @Override
    public void close() {
        audit.read();
        open = false;
        end();
        Runtime.getRuntime().removeShutdownHook(ender);
    }

    private void end() {
        client.close();
        processes.stop();
    }

    /** The configuration of a client for a kubeconfig of a control plane. */
    public static Config config(String kubeconfig) {
        Config config = Config.fromKubeconfig(kubeconfig);
        // The proxy settings of the environment are not meant for loopback.
        config.setHttpProxy(null);
        config.setHttpsProxy(null);
        return config;
    }

    private void awaitCertificate() {
        Awaitility.await("the API server's certificate").atMost(START).until(() -> {
            processes.checkAlive();
            return Files.exists(processes.certificate());
        });
    }

    private void startProcess() {
        audit.readOfEnded();
        processes.startApiServer();
    }

    /** On a machine that is too slow for its own start, the API server ends by itself. Then it is started again, as kubelet does. */
    private void awaitReady() {
        var starts = new AtomicInteger(1);
        try (var impatient = new KubernetesClientBuilder()
                .withConfig(config(kubeconfig))
                .editOrNewConfig()
                .withRequestRetryBackoffLimit(0)
                .endConfig()
                .build()) {
            Awaitility.await("the API server's readyz").atMost(START).until(() -> {
                if (processes.hasApiServerDied() && starts.incrementAndGet() <= MOST_STARTS) {
                    startProcess();
                }
                processes.checkAlive();
                return isReady(impatient);
            });
        }
    }

    private static boolean isReady(KubernetesClient client) {
        try {
            return Objects.equals(client.raw("/readyz"), "ok");
        } catch (KubernetesClientException notYet) {
            return false;
        }
    }

    private void installCrds() {
        String crds = repository().resolve("crds").toString();
        kubectl("create", "-f", crds);
        kubectl("wait", "--for=condition=Established", "--timeout=30s", "-f", crds);
    }

    /** The root of the repository. Tests run in the folder of their module, which may be deeper. */
    public static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("crds"))) {
            folder = Objects.requireNonNull(folder.getParent(), "no folder crds in this one or above");
        }
        return folder;
    }
}
