package dev.taskqueue.controlplane;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Runs etcd and kube-apiserver as two processes on loopback, and kube-controller-manager as a third one on request. Their files are in one folder.
 * Not safe for use by several threads.
 */
public final class ControlPlaneProcesses {
    /** The range of ClusterIPs. A process can listen on these addresses. */
    public static final String SERVICE_RANGE = "127.20.0.0/16";

    private final ControlPlaneBinaries binaries;
    private final Path folder;
    private final List<String> apiServerFlags;
    private final String token = UUID.randomUUID().toString();
    private final int etcdPort;
    private final int peerPort;
    private final int port;
    private Program etcd;
    private @Nullable Program apiServer;
    private @Nullable Program controllerManager;

    /**
     * Starts both processes. They are ready some seconds later.
     *
     * @param folder from {@link #newFolder}
     * @param apiServerFlags are added to those of kube-apiserver, as {@code --name=value}
     */
    public ControlPlaneProcesses(ControlPlaneBinaries binaries, Path folder, List<String> apiServerFlags)
            throws IOException {
        this.binaries = binaries;
        this.folder = folder;
        this.apiServerFlags = apiServerFlags;
        List<Integer> ports = FreePorts.several(3);
        this.etcdPort = ports.get(0);
        this.peerPort = ports.get(1);
        this.port = ports.get(2);
        Files.writeString(file("tokens.csv"), token + ",admin,admin,system:masters\n");
        Files.writeString(file("serviceaccounts.key"), newKey());
        this.etcd = new Program(etcdCommand(), file("etcd.log"));
        startApiServer();
    }

    /** The URL at which the API server listens, {@code https://127.0.0.1:PORT}. */
    public String url() {
        return "https://127.0.0.1:" + port;
    }

    /** The URL at which etcd listens. */
    public String etcdUrl() {
        return "http://127.0.0.1:" + etcdPort;
    }

    /** Bearer token of a member of {@code system:masters}. */
    public String token() {
        return token;
    }

    /** A kubeconfig, YAML, for the user of this bearer token. The file {@link #certificate} must exist before. */
    public String kubeconfig(String bearerToken) {
        try {
            String certificate = Base64.getEncoder().encodeToString(Files.readAllBytes(certificate()));
            return """
                    apiVersion: v1
                    kind: Config
                    current-context: local
                    contexts: [{name: local, context: {cluster: local, user: local}}]
                    clusters: [{name: local, cluster: {server: "%s", certificate-authority-data: "%s"}}]
                    users: [{name: local, user: {token: "%s"}}]
                    """.formatted(url(), certificate, bearerToken);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The certificate that the API server made for itself. The file exists once the API server is ready. */
    public Path certificate() {
        return file("certs").resolve("apiserver.crt");
    }

    /** The process ids of etcd and, if it runs, of kube-apiserver. */
    public List<Long> ids() {
        return apiServer == null ? List.of(etcd.pid()) : List.of(etcd.pid(), apiServer.pid());
    }

    /** Throws if one of the processes has died. */
    public void checkAlive() {
        if (!etcd.isRunning()) {
            throw new IllegalStateException("etcd has died:\n" + etcd.lastWords());
        }
        if (apiServer != null && !apiServer.isRunning()) {
            throw new IllegalStateException("kube-apiserver has died:\n" + apiServer.lastWords());
        }
        if (controllerManager != null && !controllerManager.isRunning()) {
            throw new IllegalStateException("kube-controller-manager has died:\n" + controllerManager.lastWords());
        }
    }

    /** Whether the API server was started and has ended by itself. */
    public boolean hasApiServerDied() {
        return apiServer != null && !apiServer.isRunning();
    }

    /** Starts the API server again, on the same port and with the same data. */
    public void startApiServer() {
        apiServer = new Program(apiServerCommand(), file("apiserver.log"));
    }

    /** Stops only the API server. Etcd keeps the data. */
    public void stopApiServer() {
        if (apiServer != null) {
            apiServer.stop();
            apiServer = null;
        }
    }

    /** Kills the API server without notice, as a crash does. */
    public void killApiServer() {
        if (apiServer != null) {
            apiServer.kill();
            apiServer = null;
        }
    }

    /** Kills etcd without notice. Its data stay. */
    public void killEtcd() {
        etcd.kill();
    }

    /** Starts etcd again after {@link #killEtcd}, on the same port and with the same data. */
    public void startEtcd() {
        etcd = new Program(etcdCommand(), file("etcd.log"));
    }

    /**
     * Starts kube-controller-manager. Its controllers start to work some seconds later.
     *
     * @param program from {@link InstalledPrograms#controllerManager}
     * @param kubeconfig of a member of {@code system:masters}
     * @param controllers the only controllers that run, such as {@code garbage-collector-controller}
     */
    public void startControllerManager(Path program, Path kubeconfig, List<String> controllers) {
        controllerManager = new Program(
                List.of(
                        program.toString(),
                        "--kubeconfig=" + kubeconfig,
                        "--controllers=" + String.join(",", controllers),
                        "--leader-elect=false",
                        // Nobody sends it requests, so it listens nowhere.
                        "--secure-port=0"),
                file("controllermanager.log"));
    }

    /** Stops kube-controller-manager, if it runs. */
    public void stopControllerManager() {
        if (controllerManager != null) {
            controllerManager.stop();
            controllerManager = null;
        }
    }

    /** Stops the API server before etcd: without etcd the API server does not react to a request to stop. */
    public void stop() {
        stopControllerManager();
        stopApiServer();
        etcd.stop();
        deleteFolder();
    }

    private void deleteFolder() {
        try {
            Folders.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> etcdCommand() {
        String client = etcdUrl();
        String peer = "http://127.0.0.1:" + peerPort;
        return List.of(
                binaries.etcd().toString(),
                "--data-dir=" + file("etcd"),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=default=" + peer,
                "--quota-backend-bytes=8589934592",
                // Nobody keeps this data, so there is no need to wait for the disk.
                "--unsafe-no-fsync",
                "--log-level=warn");
    }

    private List<String> apiServerCommand() {
        String key = file("serviceaccounts.key").toString();
        var command = new ArrayList<>(List.of(
                binaries.apiServer().toString(),
                "--etcd-servers=" + etcdUrl(),
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--secure-port=" + port,
                "--cert-dir=" + file("certs"),
                "--endpoint-reconciler-type=none",
                "--service-cluster-ip-range=" + SERVICE_RANGE,
                "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
                "--service-account-signing-key-file=" + key,
                "--service-account-key-file=" + key,
                "--authorization-mode=RBAC",
                "--token-auth-file=" + file("tokens.csv")));
        command.addAll(apiServerFlags);
        return command;
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private static String newKey() {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
            String text = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(key);
            return "-----BEGIN PRIVATE KEY-----\n" + text + "\n-----END PRIVATE KEY-----\n";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Creates a folder for one control plane; {@link #stop} deletes it. */
    public static Path newFolder() {
        try {
            return Files.createTempDirectory("control-plane");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
