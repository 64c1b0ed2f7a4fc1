package dev.taskqueue.dev;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.taskqueue.controlplane.FreePorts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the whole command in this process. */
class DevRunTest {
    private static final String QUEUE = """
            apiVersion: taskqueue.dev/v1beta1
            kind: TaskQueue
            metadata: {name: orders}
            spec:
              retry: {maxAttempts: 2, minBackoff: 100ms}
              httpTarget: {serviceRef: {name: order-worker}}
            ---
            """;

    private static final String WORKER = """
            apiVersion: v1
            kind: Service
            metadata: {name: order-worker}
            spec: {selector: {app: order-worker}, ports: [{name: http, port: 8080}]}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: task-dispatcher}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: order-worker}
            ---
            """;

    @TempDir
    Path folder;

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @Test
    void everyTaskEndsAsItsManifestSays() throws IOException {
        assertThat(run(QUEUE
                        + WORKER
                        + task(
                                "invoice",
                                "Succeeded/Delivered",
                                "/tasks/invoice",
                                "serviceAccountToken: {serviceAccountName: task-dispatcher}")
                        + task("no-token", "Failed/RetriesExhausted", "/tasks/invoice", "")
                        + task("invoice", "AlreadyExists", "/", "")
                        + task("points", "Failed/RetriesExhausted", "/tasks/loyalty-points", "")))
                .isZero();
        assertThat(output())
                .contains("Task invoice is refused a second time: AlreadyExists, as expected.")
                .contains("Deployment order-worker")
                .containsPattern("task +invoice +orders +Succeeded +1 +200 +Delivered")
                .containsPattern("task +no-token +orders +Failed +2 +401 +RetriesExhausted")
                .containsPattern("queue orders +Running +\\[#{10}] 3/3")
                .contains("All 3 Tasks ended as expected.");
    }

    @Test
    void anotherEndThanExpectedIsExitCode1() throws IOException {
        assertThat(run(QUEUE + WORKER + task("points", "Succeeded", "/tasks/loyalty-points", "")))
                .isEqualTo(1);
        assertThat(output()).contains("RetriesExhausted, expected Succeeded").contains("1 of 1 Tasks ended otherwise");
    }

    @Test
    void anUnexpectedRefusalIsExitCode1() throws IOException {
        assertThat(run(QUEUE + WORKER + task("a", "Succeeded", "/", "") + task("a", "Succeeded", "/", "")))
                .isEqualTo(1);
        assertThat(output()).contains("1 were refused because of their names: a.");
    }

    @Test
    void whatTheApiServerRefusesIsExitCode2() throws IOException {
        assertThat(run(QUEUE + WORKER + task("a", "Succeeded", "no-slash", ""))).isEqualTo(2);
    }

    @Test
    void wrongArgumentsAreExitCode2() {
        assertThat(DevMain.run(out(), false, "--nonsense")).isEqualTo(2);
        assertThat(DevMain.run(out(), false, "--help")).isZero();
        assertThat(output()).contains("--forward NAME=URL");
    }

    @Test
    void aForwardStandsInForItsService() throws Exception {
        var seen = new CompletableFuture<String>();
        HttpServer handler = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        handler.createContext("/", exchange -> {
            var headers = exchange.getRequestHeaders();
            seen.complete(exchange.getRequestURI() + " " + headers.getFirst("Host") + " "
                    + headers.getFirst("X-CloudTasks-TaskName"));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        handler.start();
        try {
            String url = "http://localhost:" + handler.getAddress().getPort();
            assertThat(run(QUEUE + task("mail", "Succeeded", "/mail?x=1", ""), "--forward", "order-worker=" + url))
                    .isZero();
            assertThat(seen).isCompletedWithValue("/mail?x=1 order-worker.default.svc mail");
        } finally {
            handler.stop(0);
        }
    }

    @Test
    void aHandlerOnAllInterfacesKeepsItsPort() throws Exception {
        var calls = new CompletableFuture<String>();
        HttpServer handler = HttpServer.create(new InetSocketAddress(0), 0);
        handler.createContext("/", exchange -> {
            calls.complete(exchange.getRequestHeaders().getFirst("X-CloudTasks-TaskName"));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        handler.start();
        try {
            int port = handler.getAddress().getPort();
            String byNumber = QUEUE.replace("{name: order-worker}", "{name: order-worker, port: %d}".formatted(port));
            assertThat(run(
                            byNumber + task("mail", "Succeeded", "/", ""),
                            "--forward",
                            "order-worker=http://localhost:" + port))
                    .isZero();
            assertThat(calls).isCompletedWithValue("mail");
            assertThat(output()).doesNotContain("instead of");
        } finally {
            handler.stop(0);
        }
    }

    @Test
    void aPortThatIsTakenBySomebodyElseIsReplacedAndTheHintSaysByWhichName() throws Exception {
        try (var other = new ServerSocket(0)) {
            int port = other.getLocalPort();
            String service = WORKER.replace("port: 8080", "port: " + port);
            assertThat(run(QUEUE + service + task("mail", "Succeeded", "/", "")))
                    .isZero();
            assertThat(output())
                    .containsPattern("Service order-worker has port [0-9]+ instead of " + port
                            + ", which is taken here: write \"port: http\" in serviceRef, not the number.");
        }
    }

    @Test
    void aHandlerThatDoesNotRunYetIsMentioned() throws Exception {
        int free = FreePorts.one();
        run(QUEUE + WORKER, "--forward", "order-worker=http://localhost:" + free);
        assertThat(output()).contains("Nothing listens at http://localhost:" + free + " yet.");
    }

    @Test
    void aMisspeltFieldInAManifestIsExitCode2() throws IOException {
        assertThat(run(QUEUE
                        + WORKER
                        + task("a", "Succeeded", "/", "")
                                .replace("  httpRequest:", "  scheduletime: \"2030-01-01T00:00:00Z\"\n  httpRequest:")))
                .isEqualTo(2);
    }

    private static String task(String name, String expect, String path, String more) {
        return """
                apiVersion: taskqueue.dev/v1beta1
                kind: Task
                metadata: {name: %s, annotations: {taskqueue.dev/expect: %s}}
                spec:
                  queueRef: {name: orders}
                  httpRequest:
                    path: %s
                    %s
                ---
                """.formatted(name, expect, path, more);
    }

    private int run(String manifest, String... more) throws IOException {
        Path file = Files.writeString(folder.resolve("all.yaml"), manifest);
        String[] args = new String[more.length + 2];
        args[0] = "--manifests";
        args[1] = file.toString();
        System.arraycopy(more, 0, args, 2, more.length);
        return DevMain.run(out(), false, args);
    }

    private PrintStream out() {
        return new PrintStream(written, true, UTF_8);
    }

    private String output() {
        return written.toString(UTF_8);
    }
}
