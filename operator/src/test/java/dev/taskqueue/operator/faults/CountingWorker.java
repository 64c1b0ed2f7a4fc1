package dev.taskqueue.operator.faults;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.ToIntFunction;

/** Answers by the Task's uid, and counts what it receives of each. Answers can be held back. */
final class CountingWorker implements AutoCloseable {
    static final int PORT = 8080;

    /**
     * A request, by the headers that every delivery bears.
     *
     * @param task the object's name
     * @param uid the object's uid
     * @param attempt 1 is the first
     */
    record Received(String task, String uid, int attempt) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Integer> receivedByUid = new ConcurrentHashMap<>();
    private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
    private volatile ToIntFunction<Received> status = received -> 200;

    CountingWorker(String address) throws IOException {
        server = HttpServer.create(new InetSocketAddress(address, PORT), 200);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** Which status answers a request; 200 unless something else is said. */
    void answers(ToIntFunction<Received> status) {
        this.status = status;
    }

    /** Answers to this Task wait until the latch is opened. */
    CountDownLatch hold(String uid) {
        return held.computeIfAbsent(uid, key -> new CountDownLatch(1));
    }

    /** How often the object with this uid was received. */
    int received(String uid) {
        return receivedByUid.getOrDefault(uid, 0);
    }

    /** How many requests there were of all Tasks. */
    int received() {
        return receivedByUid.values().stream().mapToInt(Integer::intValue).sum();
    }

    @Override
    public void close() {
        held.values().forEach(CountDownLatch::countDown);
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            var headers = exchange.getRequestHeaders();
            String uid = headers.getFirst("Idempotency-Key");
            var received = new Received(
                    headers.getFirst("X-CloudTasks-TaskName"),
                    uid,
                    Integer.parseInt(headers.getFirst("TaskQueue-Attempt")));
            receivedByUid.merge(uid, 1, Integer::sum);
            CountDownLatch latch = held.get(uid);
            if (latch != null) {
                latch.await();
            }
            exchange.sendResponseHeaders(status.applyAsInt(received), -1);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }
}
