package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.taskqueue.dev.apiserver.Resources.Options;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A Kubernetes API server inside this process, for one user on one machine: plain HTTP on loopback, objects in memory, our CRDs built in, every
 * caller an administrator. It behaves like a real server in everything that the operator, kubectl or a client can notice: resourceVersions, defaults,
 * schema and CEL rules, a separate status, patches, watches, tokens. It has none of a cluster's controllers.
 */
public final class EmbeddedApiServer implements AutoCloseable {
    private static final String KUBERNETES = "1.34";

    private final HttpServer server;
    private final ExecutorService threads;
    private final Store store;
    private final String url;

    /**
     * Starts a server with the namespaces {@code default} and {@code kube-system}.
     *
     * @param port 0 = any free port; the server listens on 127.0.0.1 only
     * @param clock for the times in objects and for tokens; watches wait in real time
     * @throws UncheckedIOException if the port is in use
     */
    public static EmbeddedApiServer start(int port, InstantSource clock) {
        // Without this setting each small answer may wait 40 ms for an acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        try {
            var address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
            return new EmbeddedApiServer(HttpServer.create(address, 0), clock);
        } catch (IOException taken) {
            throw new UncheckedIOException(
                    "port " + port + " of 127.0.0.1 cannot be listened on: choose another one, or 0 for any", taken);
        }
    }

    private EmbeddedApiServer(HttpServer server, InstantSource clock) {
        this.server = server;
        url = "http://127.0.0.1:" + server.getAddress().getPort();
        List<Crd> crds = Crd.ours();
        var types = new ResourceTypes(crds);
        store = new Store(types);
        var resources = new Resources(store, clock);
        var tables = new Tables(clock);
        var tokens = new TokenIssuer(url, clock);
        populate(resources, crds);
        var verbs = new Verbs(store, resources, tables, tokens);
        server.createContext(
                "/",
                new Router(new Router.Parts(types, store, verbs, tables, new Discovery(types, KUBERNETES), tokens)));
        threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("api-", 0).factory());
        server.setExecutor(threads);
        server.start();
    }

    private static void populate(Resources resources, List<Crd> crds) {
        for (String name : List.of("default", "kube-system")) {
            ObjectNode namespace = Json.object();
            namespace.putObject("metadata").put("name", name);
            resources.create(new ResourcePath(ResourceTypes.NAMESPACES, "", "", ""), namespace, Options.PLAIN);
        }
        for (Crd crd : crds) {
            resources.create(new ResourcePath(ResourceTypes.CRDS, "", "", ""), crd.established(), Options.PLAIN);
        }
    }

    /**
     * Serves files beside the API, such as those of the console.
     *
     * @param path of the files, with a slash at the end
     */
    public void serve(String path, HttpHandler files) {
        server.createContext(path, exchange -> {
            if (CallerCheck.isAllowed(exchange)) {
                files.handle(exchange);
            } else {
                exchange.sendResponseHeaders(403, -1);
                exchange.close();
            }
        });
    }

    /** The URL at which it listens, {@code http://127.0.0.1:PORT}; without a slash at the end. */
    public String url() {
        return url;
    }

    /** The configuration of a client in this process. It ignores the environment and {@code ~/.kube/config}. */
    public Config clientConfig() {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(url)
                .withNamespace("default")
                .withOnlyHttpWatches(true)
                .build();
    }

    /** A kubeconfig, YAML, for kubectl and for clients in other processes. */
    public String kubeconfig() {
        return """
                apiVersion: v1
                kind: Config
                current-context: taskqueue-dev
                contexts: [{name: taskqueue-dev, context: {cluster: taskqueue-dev, user: taskqueue-dev, namespace: default}}]
                clusters: [{name: taskqueue-dev, cluster: {server: "%s"}}]
                users: [{name: taskqueue-dev, user: {}}]
                """.formatted(url);
    }

    /** Ends watches and requests at once. All stored objects are lost. */
    @Override
    public void close() {
        store.close();
        server.stop(0);
        threads.shutdownNow();
    }
}
