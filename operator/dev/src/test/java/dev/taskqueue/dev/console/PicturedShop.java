package dev.taskqueue.dev.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/** The queues of a shop for the pictures, each with a state or a trouble of its own, and the worker behind them. */
final class PicturedShop implements AutoCloseable {
    private static final String TARGET = "httpTarget: {serviceRef: {name: order-worker, port: http}}";
    private static final int ROWS = 600;
    private static final int BAD_ROW = 97;

    private final HttpServer worker;

    PicturedShop() throws IOException {
        worker = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        worker.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        worker.createContext("/", PicturedShop::answer);
        worker.start();
    }

    String workerUrl() {
        return "http://127.0.0.1:" + worker.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath();
            LockSupport.parkNanos(
                    (path.startsWith("/report") ? Duration.ofSeconds(8) : Duration.ofMillis(20)).toNanos());
            exchange.sendResponseHeaders(code(path), -1);
        }
    }

    private static int code(String path) {
        if (path.startsWith("/invoice/bad")) {
            return path.endsWith("5") ? 500 : 422;
        }
        if (path.startsWith("/row/")) {
            return Integer.parseInt(path.substring("/row/".length())) % BAD_ROW == 11 ? 422 : 200;
        }
        return path.startsWith("/partner") ? 503 : 200;
    }

    /** Creates everything. */
    void open(TestingApi api) {
        for (String namespace : List.of("shop", "billing", "bulk", "media")) {
            api.namespace(namespace);
            service(api, namespace);
        }
        queue(
                api,
                "shop",
                "mail",
                "{rateLimits: {maxDispatchesPerSecond: 20}, httpTarget: {serviceRef: {name: mail-worker, port: http}}}");
        queue(
                api,
                "shop",
                "order-tasks",
                "{rateLimits: {maxDispatchesPerSecond: 2, maxConcurrentDispatches: 10}, " + TARGET + "}");
        queue(
                api,
                "shop",
                "newsletter",
                "{state: Paused, rateLimits: {maxDispatchesPerSecond: '0.5', maxConcurrentDispatches: 2}, " + TARGET
                        + "}");
        queue(api, "shop", "reminders", "{rateLimits: {maxDispatchesPerSecond: 26}, " + TARGET + "}");
        queue(
                api,
                "shop",
                "reports",
                "{rateLimits: {maxDispatchesPerSecond: 5, maxConcurrentDispatches: 4}, " + TARGET + "}");
        queue(
                api,
                "billing",
                "invoices",
                "{rateLimits: {maxDispatchesPerSecond: 40, maxConcurrentDispatches: 20}, retry: {maxAttempts: 3, minBackoff: 2s}, throttling: Disabled, "
                        + TARGET + "}");
        queue(
                api,
                "billing",
                "partner",
                "{rateLimits: {maxDispatchesPerSecond: 8, maxConcurrentDispatches: 8}, retry: {minBackoff: 20s}, throttling: Disabled, "
                        + TARGET + "}");
        queue(
                api,
                "bulk",
                "import",
                "{rateLimits: {maxDispatchesPerSecond: 12}, retry: {nonRetryableStatusCodes: [422]}, " + TARGET + "}");
        queue(api, "media", "broken", "{deadLetter: {queueRef: {name: broken}}, " + TARGET + "}");
        queue(api, "media", "thumbnails", "{" + TARGET + "}");
        queue(api, "billing", "statements", "{" + TARGET + "}");
        api.patch(
                "taskqueues",
                "billing",
                "statements",
                "metadata: {annotations: {taskqueue.dev/hold: 'Anna: moving the database', taskqueue.dev/hold-until: '%s'}}"
                        .formatted(Instant.now().plus(31, ChronoUnit.HOURS)));
        batch(api);
        tasks(api, "shop", "mail", 40, "/mail");
        tasks(api, "shop", "order-tasks", 260, "/tasks/pack");
        tasks(api, "shop", "newsletter", 120, "/letter");
        tasks(api, "shop", "reports", 30, "/report");
        tasks(api, "billing", "invoices", 84, "/invoice/bad");
        tasks(api, "billing", "partner", 25, "/partner");
        tasks(api, "billing", "statements", 65, "/statement");
        tasks(api, "media", "thumbnails", 30, "/thumbnail");
        var random = new Random(4);
        for (int number = 0; number < 300; number++) {
            long away = number % 3 == 0 ? random.nextInt(80_000) : 30_000 + (long) (8_000 * random.nextGaussian());
            Instant due = Instant.now().plusSeconds(600 + Math.abs(away)).truncatedTo(ChronoUnit.SECONDS);
            task(
                    api,
                    "shop",
                    "reminder-%04d".formatted(number),
                    "reminders",
                    "/remind",
                    "scheduleTime: '%s'".formatted(due));
        }
    }

    private static void batch(TestingApi api) {
        var lines = new StringBuilder();
        for (int row = 0; row < ROWS; row++) {
            lines.append("{\"path\":\"/row/").append(row).append("\"}\\n");
        }
        api.post("/apis/taskqueue.dev/v1beta1/namespaces/bulk/taskbatches", """
                metadata: {name: price-list}
                spec: {queueRef: {name: import}, template: {httpRequest: {serviceRef: {name: order-worker, port: http}}}, lines: '%s'}
                """.formatted(
                        lines.toString().replace("\\n", "\n\n")));
    }

    private static void queue(TestingApi api, String namespace, String name, String spec) {
        api.post(
                "/apis/taskqueue.dev/v1beta1/namespaces/" + namespace + "/taskqueues",
                "metadata: {name: %s}\nspec: %s".formatted(name, spec));
    }

    private static void tasks(TestingApi api, String namespace, String queue, int count, String path) {
        for (int number = 0; number < count; number++) {
            task(api, namespace, "%s-%03d".formatted(queue, number), queue, path + "/" + number % 10, "delay: 0s");
        }
    }

    private static void task(TestingApi api, String namespace, String name, String queue, String path, String when) {
        api.post("/apis/taskqueue.dev/v1beta1/namespaces/" + namespace + "/tasks", """
                metadata: {name: %s, labels: {order: '%s'}}
                spec: {queueRef: {name: %s}, %s, httpRequest: {path: '%s', headers: {Content-Type: application/json}, body: '{"order": 4711}'}}
                """.formatted(
                        name, name.substring(name.length() - 3), queue, when, path));
    }

    /** Makes the worker of the samples known in another namespace. */
    private static void service(TestingApi api, String namespace) {
        JsonNode service = api.read("/api/v1/namespaces/default/services/order-worker");
        api.post(
                "/api/v1/namespaces/" + namespace + "/services",
                "{metadata: {name: order-worker}, spec: %s}".formatted(service.path("spec")));
        for (JsonNode slice : api.read("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices")
                .path("items")) {
            if (slice.at("/metadata/labels").toString().contains("order-worker")) {
                var copy = Map.of(
                        "metadata",
                        Map.of("name", slice.at("/metadata/name").asText(), "labels", slice.at("/metadata/labels")),
                        "addressType",
                        slice.path("addressType"),
                        "endpoints",
                        slice.path("endpoints"),
                        "ports",
                        slice.path("ports"));
                api.post(
                        "/apis/discovery.k8s.io/v1/namespaces/" + namespace + "/endpointslices",
                        new ObjectMapper().valueToTree(copy).toString());
            }
        }
    }

    @Override
    public void close() {
        worker.stop(0);
    }
}
