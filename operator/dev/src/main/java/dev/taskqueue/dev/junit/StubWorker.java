package dev.taskqueue.dev.junit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;

/** Answers the requests to a Service, and records them. It answers 200 unless the test sets other codes. */
public final class StubWorker implements AutoCloseable {
    private static final int OK = 200;

    private final HttpServer server;
    private final InstantSource clock;
    private final List<Request> requests = new ArrayList<>();
    private final Deque<Integer> answers = new ArrayDeque<>(List.of(OK));

    /**
     * One recorded request.
     *
     * @param target path and query
     * @param headers by name, ignoring case; several headers of one name are joined by commas
     * @param at the operator's time
     */
    public record Request(String method, String target, Map<String, String> headers, String body, Instant at) {}

    StubWorker(InstantSource clock) {
        this.clock = clock;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    /** Sets the status codes of the next answers, in order. The last code stays. */
    public synchronized StubWorker answers(int... statusCodes) {
        answers.clear();
        for (int code : statusCodes) {
            answers.add(code);
        }
        return this;
    }

    /** All requests so far, in order of arrival. */
    public synchronized List<Request> requests() {
        return List.copyOf(requests);
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, String.join(",", values)));
            exchange.sendResponseHeaders(
                    answer(new Request(
                            exchange.getRequestMethod(),
                            exchange.getRequestURI().toString(),
                            headers,
                            body,
                            clock.instant())),
                    -1);
        }
    }

    private synchronized int answer(Request request) {
        requests.add(request);
        return answers.size() > 1 ? answers.remove() : answers.element();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
