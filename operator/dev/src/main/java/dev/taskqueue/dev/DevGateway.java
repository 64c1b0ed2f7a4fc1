package dev.taskqueue.dev;

import dev.taskqueue.controlplane.LocalCertificate;
import dev.taskqueue.gateway.GatewayServer;
import dev.taskqueue.gateway.GatewaySettings;
import dev.taskqueue.gateway.cluster.OkHttpClusterTransport;
import dev.taskqueue.gateway.mapping.MappingRules;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The Cloud Tasks gateway of one run: on loopback, without authentication, and with one namespace for every project and location. */
final class DevGateway implements AutoCloseable {
    /** The port where nobody has named one. */
    static final int PORT = 8123;

    /** The account that firebase-admin names for its tokens where it has no credentials. */
    private static final String FIREBASE_ACCOUNT = "emulated-service-acct";

    /** The namespace of manifests that name none, too. */
    private static final String NAMESPACE = "default";

    private static final String HOST = "127.0.0.1";
    private static final int ANY = 0;
    private static final int HTTP_CONFLICT = 409;

    private final GatewayServer server;
    private final OkHttpClusterTransport transport;
    private final @Nullable LocalCertificate certificate;
    private final @Nullable DevCredentials credentials;

    private DevGateway(GatewaySettings settings, Config cluster, @Nullable LocalCertificate certificate)
            throws IOException {
        this.certificate = certificate;
        this.credentials = certificate == null ? null : DevCredentials.in(certificate.folder(), Instant.now());
        transport = new OkHttpClusterTransport(cluster);
        try {
            server = new GatewayServer(settings, transport, () -> MappingRules.everythingTo(NAMESPACE));
        } catch (IOException | RuntimeException failure) {
            transport.close();
            throw failure;
        }
    }

    /**
     * Opens the gateway.
     *
     * @param port 0 = any; null = the usual one, or any if that is taken, and then without TLS
     * @throws IllegalArgumentException with a sentence for the user, if the port is taken
     */
    static DevGateway open(@Nullable Integer port, Config cluster) throws IOException {
        if (port == null) {
            try {
                return new DevGateway(GatewaySettings.development(PORT), cluster, null);
            } catch (IOException taken) {
                return new DevGateway(GatewaySettings.development(ANY), cluster, null);
            }
        }
        if (port != ANY && !isFree(port)) {
            throw new IllegalArgumentException(
                    "--gateway names port " + port + ", which is taken; name another one, or 0 for any.");
        }
        LocalCertificate certificate = LocalCertificate.make();
        try {
            GatewaySettings settings = GatewaySettings.development(port).withTls(beside(port), certificate.folder());
            var gateway = new DevGateway(settings, cluster, certificate);
            createFirebaseAccount(cluster);
            return gateway;
        } catch (IOException | RuntimeException failure) {
            certificate.close();
            throw failure;
        }
    }

    private static void createFirebaseAccount(Config cluster) {
        try (var client = new KubernetesClientBuilder().withConfig(cluster).build()) {
            client.serviceAccounts()
                    .inNamespace(NAMESPACE)
                    .resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withName(FIREBASE_ACCOUNT)
                            .endMetadata()
                            .build())
                    .create();
        } catch (KubernetesClientException isThere) {
            if (isThere.getCode() != HTTP_CONFLICT) {
                throw isThere;
            }
        }
    }

    private static int beside(int port) {
        return port != ANY && isFree(port + 1) ? port + 1 : ANY;
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.ofLiteral(HOST))) {
            return socket.isBound();
        } catch (IOException | IllegalArgumentException taken) {
            return false;
        }
    }

    /** The port of gRPC and REST in plaintext. */
    int port() {
        return server.plaintextPort();
    }

    /** What the user should know: one line, or all that clients set if the user asked for the gateway. */
    List<String> introduction() {
        String address = HOST + ":" + port();
        String first = "Cloud Tasks gateway: http://" + address + ", gRPC and REST; every project and location is the "
                + "namespace " + NAMESPACE + ".";
        if (certificate == null || credentials == null) {
            return List.of(first + " --gateway " + PORT + " keeps it open and prints what clients set.");
        }
        var lines = new ArrayList<String>();
        lines.add(first);
        lines.add("With TLS: https://" + HOST + ":" + server.tlsPort() + ", root " + certificate.certificate());
        lines.add(
                "Programs without a changed line find it as cloudtasks.googleapis.com, port 443, by a hosts file (\"--gateway 442\""
                        + " has TLS at 443), with");
        lines.add("  GOOGLE_APPLICATION_CREDENTIALS=" + credentials.file());
        lines.add("  GRPC_DEFAULT_SSL_ROOTS_FILE_PATH, REQUESTS_CA_BUNDLE, NODE_EXTRA_CA_CERTS, SSL_CERT_FILE="
                + certificate.certificate());
        lines.add("Programs with one changed line:");
        lines.add("  Python, gRPC   CloudTasksClient(transport=CloudTasksGrpcTransport(channel=grpc.insecure_channel(\""
                + address + "\")))");
        lines.add("  Python, REST   CloudTasksClient(transport=\"rest\", credentials=AnonymousCredentials(), "
                + "client_options={\"api_endpoint\": \"http://" + address + "\"})");
        lines.add("  Node           new CloudTasksClient({apiEndpoint: \"" + HOST + "\", port: " + port()
                + ", sslCreds: grpc.credentials.createInsecure()})");
        lines.add("  gcloud         CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDTASKS=http://" + address + "/");
        lines.add("  firebase-admin CLOUD_TASKS_EMULATOR_HOST=" + address + ", and a Service called like the queue");
        lines.add("docs/gateway.md has the other clients.");
        return List.copyOf(lines);
    }

    @Override
    public void close() throws IOException {
        try {
            server.close();
        } finally {
            transport.close();
            if (credentials != null) {
                credentials.close();
            }
            if (certificate != null) {
                certificate.close();
            }
        }
    }
}
