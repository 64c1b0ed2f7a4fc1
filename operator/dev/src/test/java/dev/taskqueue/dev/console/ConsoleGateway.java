package dev.taskqueue.dev.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.taskqueue.operator.ops.ConsoleFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** Stands between the console and the embedded API server. It notes every request, refuses what a test says, and can break watches. */
final class ConsoleGateway implements AutoCloseable {
    private final HttpServer server;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String target;
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final Set<HttpExchange> watches = ConcurrentHashMap.newKeySet();
    private volatile Rule rule = call -> Optional.empty();

    /** A request as it came; {@code query} is decoded and may be empty. */
    record Call(String method, String path, String query, String body) {
        boolean isWatch() {
            return query.contains("watch=1");
        }

        boolean isList() {
            return method.equals("GET") && path.matches(".*/(taskqueues|tasks|taskbatches)") && !isWatch();
        }

        boolean isDry() {
            return query.contains("dryRun=All");
        }
    }

    /** What is answered in the place of the API server. */
    record Refusal(int code, String body) {
        /** In the words of an API server. */
        static Refusal of(int code, String reason, String message) {
            return new Refusal(code, """
                    {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "%s", "message": "%s", "code": %d}
                    """.formatted(reason, message, code));
        }
    }

    /** Says which requests are refused; empty = the API server answers. */
    interface Rule {
        Optional<Refusal> refusal(Call call);
    }

    ConsoleGateway(String target) {
        this.target = target;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(ConsoleFiles.PATH, new ConsoleFiles());
        server.createContext("/", this::forward);
        server.start();
    }

    String console() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + ConsoleFiles.PATH;
    }

    List<Call> calls() {
        return calls;
    }

    void refuse(Rule rule) {
        this.rule = rule;
    }

    void refuseNothing() {
        rule = call -> Optional.empty();
    }

    /** How many watches somebody reads, as far as the gateway knows. */
    int openWatches() {
        return watches.size();
    }

    /** Ends all open watches without a word, as a lost connection does. */
    void breakWatches() {
        watches.forEach(HttpExchange::close);
        watches.clear();
    }

    private void forward(HttpExchange exchange) throws IOException {
        try (exchange) {
            URI uri = exchange.getRequestURI();
            byte[] body = exchange.getRequestBody().readAllBytes();
            String query = uri.getQuery() == null ? "" : uri.getQuery();
            var call = new Call(exchange.getRequestMethod(), uri.getPath(), query, new String(body, UTF_8));
            calls.add(call);
            Optional<Refusal> refusal = rule.refusal(call);
            if (refusal.isPresent()) {
                byte[] words = refusal.get().body().getBytes(UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(refusal.get().code(), words.length);
                exchange.getResponseBody().write(words);
                return;
            }
            send(exchange, call, body);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            watches.remove(exchange);
        }
    }

    private void send(HttpExchange exchange, Call call, byte[] body) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(target + exchange.getRequestURI()))
                .method(call.method(), BodyPublishers.ofByteArray(body));
        for (String header : List.of("Accept", "Content-Type")) {
            Optional.ofNullable(exchange.getRequestHeaders().getFirst(header))
                    .ifPresent(value -> request.header(header, value));
        }
        HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
        exchange.getResponseHeaders()
                .set(
                        "Content-Type",
                        response.headers().firstValue("Content-Type").orElse("application/json"));
        exchange.sendResponseHeaders(response.statusCode(), 0);
        if (call.isWatch()) {
            watches.add(exchange);
        }
        try (InputStream in = response.body();
                OutputStream out = exchange.getResponseBody()) {
            out.flush();
            byte[] buffer = new byte[1 << 14];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
                out.flush();
            }
        }
    }

    @Override
    public void close() {
        breakWatches();
        server.stop(0);
        client.shutdownNow();
    }
}
