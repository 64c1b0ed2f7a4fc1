package dev.taskqueue.dev;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.controlplane.FreePorts;
import dev.taskqueue.controlplane.testing.TestFolders;
import dev.taskqueue.dev.apiserver.EmbeddedApiServer;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Runs the dev mode with {@code --forward} to the worker of {@code samples/orders} in one language. That worker and its API run as processes. */
final class TestingShop implements AutoCloseable {
    private static final Path SAMPLE = Path.of("../../samples/orders");
    private static final Duration START = Duration.ofSeconds(90);
    private static final String TYPE_THAT_FAILS = "stock";

    private final HttpClient http = HttpClient.newHttpClient();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    /** The clock of the run; the tokens use it, too. */
    private final EmbeddedApiServer server;

    private final KubernetesClient client;
    private final Path kubeconfig;
    private final DevRun run;
    private final SampleProcess worker;
    private final SampleProcess api;
    private final int workerPort = FreePorts.one();
    private final int apiPort = FreePorts.one();
    private volatile Duration clockIsBehind = Duration.ZERO;

    TestingShop(ShopLanguage language) throws IOException {
        server = EmbeddedApiServer.start(0, () -> Instant.now().minus(clockIsBehind));
        client = new KubernetesClientBuilder().withConfig(server.clientConfig()).build();
        run = startDevMode();
        kubeconfig = TestFolders.create("shop").resolve("kubeconfig");
        String sample = Files.readString(SAMPLE.resolve("dev.kubeconfig"));
        Files.writeString(kubeconfig, sample.replace("http://127.0.0.1:8001", server.url()));
        worker = start(language, "worker", workerPort);
        api = start(language, "api", apiPort);
        awaitReady(worker, workerPort);
        awaitReady(api, apiPort);
    }

    private DevRun startDevMode() {
        var reading = DevArguments.read("--forward", "order-worker=http://127.0.0.1:" + workerPort);
        if (!(reading instanceof DevArguments.Reading.Run(DevArguments arguments))) {
            throw new IllegalStateException(reading.toString());
        }
        var screens = new Screens(new PrintStream(new ByteArrayOutputStream(), true, UTF_8), false);
        var started = new DevRun(arguments, screens.screen(), screens.board());
        Thread.ofVirtual().start(() -> {
            try {
                started.run(new EmbeddedServer(server), Manifest.read(SAMPLE));
                ended.complete(null);
            } catch (Exception e) {
                ended.completeExceptionally(e);
            }
        });
        return started;
    }

    private SampleProcess start(ShopLanguage language, String part, int port) {
        var environment = Map.of(
                "KUBECONFIG",
                kubeconfig.toString(),
                "PORT",
                String.valueOf(port),
                "FAIL",
                TYPE_THAT_FAILS,
                "PYTHONUNBUFFERED",
                "1");
        return new SampleProcess(language.command(part), language.folder(), environment);
    }

    private void awaitReady(SampleProcess process, int port) {
        Awaitility.await("the sample listens").atMost(START).until(() -> {
            process.checkAlive();
            try {
                return send(port, "GET", "/healthz", "", null).statusCode() == 204;
            } catch (IOException notYet) {
                return false;
            }
        });
    }

    KubernetesClient client() {
        return client;
    }

    /** The worker's output so far. */
    String said() {
        if (ended.isCompletedExceptionally()) {
            ended.join();
        }
        worker.checkAlive();
        return worker.said();
    }

    /** The API's answer to this order. */
    JsonNode order(String json) throws IOException, InterruptedException {
        var answer = send(apiPort, "POST", "/orders", json, null);
        if (answer.statusCode() != 202) {
            throw new IllegalStateException(answer.statusCode() + " " + answer.body() + "\n" + api.said());
        }
        return new ObjectMapper().readTree(answer.body());
    }

    /** The API's status code for an invalid order. */
    int refusal(String json) throws IOException, InterruptedException {
        return send(apiPort, "POST", "/orders", json, null).statusCode();
    }

    /** The worker's status code for a mail that comes with this header. */
    int callWorker(@Nullable String authorization) throws IOException, InterruptedException {
        return send(workerPort, "POST", "/tasks/mail", "{\"orderId\":\"1\",\"amount\":\"1\"}", authorization)
                .statusCode();
    }

    /** A token as the API server makes it, valid for ten minutes. */
    String token(String account, String audience) {
        var request = new TokenRequestBuilder()
                .withNewSpec()
                .withAudiences(List.of(audience))
                .withExpirationSeconds(600L)
                .endSpec()
                .build();
        return client.serviceAccounts()
                .inNamespace("default")
                .withName(account)
                .tokenRequest(request)
                .getStatus()
                .getToken();
    }

    /** The same token, as it would have been made an hour ago. Nothing that needs a token may run at the same time. */
    String expiredToken(String account, String audience) {
        clockIsBehind = Duration.ofHours(1);
        try {
            return token(account, audience);
        } finally {
            clockIsBehind = Duration.ZERO;
        }
    }

    private HttpResponse<String> send(int port, String method, String path, String body, @Nullable String authorization)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .version(HttpClient.Version.HTTP_1_1)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "by-hand")
                .method(method, BodyPublishers.ofString(body));
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    @Override
    public void close() throws IOException {
        api.close();
        worker.close();
        run.stop();
        run.close();
        client.close();
        server.close();
        http.close();
        Files.delete(kubeconfig);
    }
}
