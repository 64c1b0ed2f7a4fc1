package dev.taskqueue.gateway.ops;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/** Health and numbers over HTTP: {@code /livez}, {@code /readyz}, {@code /metrics}. */
public final class GatewayEndpoint implements AutoCloseable {
    private static final String TEXT = "text/plain; charset=utf-8";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final BooleanSupplier ready;
    private final GatewayMeters meters;

    /** Opens the port on this address; 0 = any free one. */
    public GatewayEndpoint(InetSocketAddress address, BooleanSupplier ready, GatewayMeters meters) throws IOException {
        this.ready = ready;
        this.meters = meters;
        this.server = HttpServer.create(address, 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** The port that is open. */
    public int port() {
        return server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            switch (exchange.getRequestURI().getPath()) {
                case "/livez" -> send(exchange, 200, TEXT, "ok\n".getBytes(UTF_8));
                case "/readyz" -> ready(exchange);
                case "/metrics" -> {
                    var bytes = new ByteArrayOutputStream();
                    meters.write(bytes);
                    send(exchange, 200, GatewayMeters.CONTENT_TYPE, bytes.toByteArray());
                }
                default ->
                    send(exchange, 404, TEXT, "not found; there are /livez, /readyz and /metrics\n".getBytes(UTF_8));
            }
        }
    }

    private void ready(HttpExchange exchange) throws IOException {
        if (ready.getAsBoolean()) {
            send(exchange, 200, TEXT, "ok\n".getBytes(UTF_8));
        } else {
            send(exchange, 503, TEXT, "not ready: the queues are not read yet, or the gateway stops\n".getBytes(UTF_8));
        }
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
