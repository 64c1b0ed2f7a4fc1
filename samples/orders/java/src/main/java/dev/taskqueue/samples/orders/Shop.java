package dev.taskqueue.samples.orders;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.taskqueue.client.TaskQueueClient;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** Starts the API or the worker, as its only argument says, with settings from the environment. */
public final class Shop {
    private static final int BACKLOG = 1024;

    private Shop() {}

    public static void main(String[] args) throws IOException {
        String part = String.join(" ", args);
        String namespace = setting("NAMESPACE", "default");
        KubernetesClient cluster = new KubernetesClientBuilder().build();
        switch (part) {
            case "api" -> serve(8090, "/", new OrdersApi(new TaskQueueClient(cluster, namespace)));
            case "worker" -> {
                String audience = setting("AUDIENCE", "http://order-worker." + namespace + ".svc");
                var tokens = TokenCheck.of(
                        cluster::raw, audience, "system:serviceaccount:" + namespace + ":task-dispatcher");
                serve(8080, "/", new OrdersWorker(tokens, setting("FAIL", "")));
            }
            default -> {
                System.err.println("Say which part to start: api or worker.");
                System.exit(2);
            }
        }
    }

    private static void serve(int port, String path, HttpHandler handler) throws IOException {
        var address = new InetSocketAddress(
                setting("HOST", "127.0.0.1"), Integer.parseInt(setting("PORT", String.valueOf(port))));
        HttpServer server = HttpServer.create(address, BACKLOG);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(path, handler);
        server.createContext("/healthz", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        System.out.println("Listening on http://" + address.getHostString() + ":"
                + server.getAddress().getPort());
    }

    private static String setting(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? otherwise : value;
    }
}
