package dev.taskqueue.operator.simulation.apiserver;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.SplittableRandom;

/** Prints what one Task costs on the simulated server: it is created, its status is written, it is deleted, and three watches read each line. */
final class TaskLifeBenchmark {
    private static final int TASKS = 20_000;
    private static final int ROUNDS = 5;
    private static final String COLLECTION = "/apis/taskqueue.dev/v1beta1/namespaces/shop/tasks";
    private static final String METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    private final SimulatedApiServer server =
            new SimulatedApiServer(InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")), new SplittableRandom(1));

    public static void main(String[] args) {
        new TaskLifeBenchmark().run();
    }

    private void run() {
        send("POST", "/api/v1/namespaces", "application/json", "{\"metadata\":{\"name\":\"shop\"}}");
        var watches = new ServerWatch[] {watch(), watch(), watch()};
        int number = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long start = cpuTime();
            long lines = 0;
            for (int i = 0; i < TASKS; i++) {
                live("task-" + number++);
                for (ServerWatch watch : watches) {
                    while (watch.poll() != null) {
                        lines++;
                    }
                }
            }
            long each = (cpuTime() - start) / TASKS;
            System.out.printf("%.1f us of CPU for each Task, %d lines for each%n", each / 1000.0, lines / TASKS);
        }
    }

    private static long cpuTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private ServerWatch watch() {
        var request = new ApiRequest("operator", "GET", COLLECTION, Map.of(), "application/json", "", new byte[0]);
        if (server.watch(request) instanceof WatchAnswer.Opened opened) {
            return opened.watch();
        }
        throw new IllegalStateException("the watch was refused");
    }

    private void live(String name) {
        send("POST", COLLECTION, "application/json", """
                {"apiVersion":"taskqueue.dev/v1beta1","kind":"Task","metadata":{"name":"%s","labels":{"app":"shop"}},
                 "spec":{"queueRef":{"name":"orders"},"httpRequest":{"serviceRef":{"name":"worker"},"method":"POST",
                 "path":"/orders","headers":{"Content-Type":"application/json"},"body":"{\\"order\\":4711}"}}}\
                """.formatted(name));
        send("PATCH", COLLECTION + "/" + name + "/status", "application/merge-patch+json", """
                {"metadata":{"resourceVersion":"%d"},"status":{"state":"Succeeded",
                 "lastAttempt":{"number":1,"dispatchTime":"2026-01-01T00:00:00Z","statusCode":200},
                 "conditions":[{"type":"Succeeded","status":"True","reason":"Delivered","message":"The worker answered 200.",
                 "lastTransitionTime":"2026-01-01T00:00:00Z"}]}}\
                """.formatted(
                        server.version()));
        send("DELETE", COLLECTION + "/" + name, "application/json", """
                {"preconditions":{"resourceVersion":"%d"}}""".formatted(server.version()));
    }

    private void send(String method, String path, String contentType, String body) {
        ApiAnswer answer = server.handle(request(method, path, contentType, body));
        if (!answer.isSuccess()) {
            throw new IllegalStateException(new String(answer.body(), UTF_8));
        }
    }

    private static ApiRequest request(String method, String path, String contentType, String body) {
        return new ApiRequest(
                "operator",
                method,
                path,
                Map.of("fieldManager", "operator"),
                METADATA,
                contentType,
                body.getBytes(UTF_8));
    }
}
