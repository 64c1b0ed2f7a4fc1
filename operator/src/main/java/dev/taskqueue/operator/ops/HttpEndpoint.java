package dev.taskqueue.operator.ops;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Health and numbers over HTTP: {@code /livez}, {@code /readyz}, {@code /metrics}. */
public final class HttpEndpoint implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpEndpoint.class);
    private static final String PLAIN_TEXT = "text/plain; charset=utf-8";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Check> live;
    private final List<Check> ready;
    private final Supplier<List<String>> complaints;
    private final Meters meters;

    /**
     * One condition of health.
     *
     * @param name the name in the answer when it does not pass, such as {@code task watch}
     * @param passes asked on every request; must answer at once
     */
    public record Check(String name, BooleanSupplier passes) {}

    /** Not a record, because a record would compare and print the array wrongly. */
    private static final class Answer {
        final int status;
        final String contentType;
        final byte[] body;

        Answer(int status, String contentType, byte[] body) {
            this.status = status;
            this.contentType = contentType;
            this.body = body;
        }

        static Answer line(int status, String text) {
            return new Answer(status, PLAIN_TEXT, (text + "\n").getBytes(UTF_8));
        }
    }

    /**
     * Opens the port on all addresses and answers from now on.
     *
     * @param port 0 = any free one
     * @param live all must pass, else Kubernetes restarts the Pod
     * @param ready all must pass, else the Pod counts as not ready
     * @throws IOException when the port is taken; the message names it
     */
    public HttpEndpoint(int port, List<Check> live, List<Check> ready, Meters meters) throws IOException {
        this(port, live, ready, List::of, meters);
    }

    /**
     * The same with complaints.
     *
     * @param complaints lines for the answer of {@code /readyz}: problems of an operator that is ready
     * @throws IOException where the port is taken; the message names it
     */
    public HttpEndpoint(int port, List<Check> live, List<Check> ready, Supplier<List<String>> complaints, Meters meters)
            throws IOException {
        this.complaints = complaints;
        this.live = List.copyOf(live);
        this.ready = List.copyOf(ready);
        this.meters = meters;
        try {
            this.server = HttpServer.create(new InetSocketAddress(port), 0);
        } catch (IOException e) {
            threads.close();
            throw new IOException(
                    "port " + port + " cannot be opened: free it, or set TASKQUEUE_HTTP_PORT to another one", e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** Serves the files of the console, too. */
    public void serveConsole() {
        server.createContext(ConsoleFiles.PATH, new ConsoleFiles());
    }

    /** The port that is open. */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer;
            try {
                answer = answer(exchange);
            } catch (RuntimeException e) {
                log.warn("{} failed", exchange.getRequestURI().getPath(), e);
                answer = Answer.line(500, "failed; the operator's log says why");
            }
            send(exchange, answer);
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (!List.of("/livez", "/readyz", "/metrics").contains(path)) {
            return Answer.line(404, "not found; there are /livez, /readyz and /metrics");
        }
        if (!List.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            return Answer.line(405, "only GET and HEAD");
        }
        return switch (path) {
            case "/livez" -> health("live", live, List.of());
            case "/readyz" -> health("ready", ready, complaints.get());
            default -> metrics(exchange);
        };
    }

    private static Answer health(String state, List<Check> checks, List<String> complaints) {
        List<String> failing = checks.stream()
                .filter(check -> !check.passes().getAsBoolean())
                .map(Check::name)
                .toList();
        String first = failing.isEmpty() ? "ok" : "not " + state + ": " + String.join(", ", failing);
        String text = String.join(
                "\n", Stream.concat(Stream.of(first), complaints.stream()).toList());
        return Answer.line(failing.isEmpty() ? 200 : 503, text);
    }

    private Answer metrics(HttpExchange exchange) throws IOException {
        boolean gzip = exchange.getRequestHeaders().getOrDefault("Accept-Encoding", List.of()).stream()
                .anyMatch(value -> value.contains("gzip"));
        var bytes = new ByteArrayOutputStream();
        try (OutputStream out = gzip ? new GZIPOutputStream(bytes) : bytes) {
            meters.write(out);
        }
        if (gzip) {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
        }
        return new Answer(200, Meters.CONTENT_TYPE, bytes.toByteArray());
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", answer.contentType);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(answer.body.length));
            exchange.sendResponseHeaders(answer.status, -1);
            return;
        }
        exchange.sendResponseHeaders(answer.status, answer.body.length);
        exchange.getResponseBody().write(answer.body);
    }
}
