package dev.taskqueue.dev;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.dev.apiserver.EmbeddedApiServer;
import dev.taskqueue.gateway.GatewayServer;
import dev.taskqueue.gateway.GatewaySettings;
import dev.taskqueue.gateway.cluster.OkHttpClusterTransport;
import dev.taskqueue.gateway.mapping.MappingReader;
import io.fabric8.kubernetes.client.Config;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs the dev mode with a handler and a gateway, and calls the gateway as programs for Cloud Tasks do. */
@Requires({})
class DevGatewayIT {
    private static final Duration AT_MOST = Duration.ofSeconds(60);
    private static final String QUEUES = "/v2/projects/shop/locations/europe-west1/queues";
    private static final String TASK = """
            {"task": {"name": "projects/shop/locations/europe-west1/queues/order-tasks/tasks/order_4711-invoice",
              "httpRequest": {"url": "%s", "httpMethod": "POST", "headers": {"X-Shop": "blue"}, "body": "eyJpZCI6IDQ3MTF9"}}}
            """;

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final CompletableFuture<String> delivered = new CompletableFuture<>();
    private final CompletableFuture<Config> cluster = new CompletableFuture<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private Runnable stop = () -> {};
    private HttpServer handler;

    @BeforeEach
    void startHandler() throws IOException {
        handler = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        handler.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            var headers = exchange.getRequestHeaders();
            delivered.complete(String.join(
                    " ",
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    headers.getFirst("X-Shop"),
                    headers.getFirst("X-CloudTasks-TaskName"),
                    body));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        handler.start();
    }

    @AfterEach
    void stopAll() {
        stop.run();
        handler.stop(0);
        http.close();
        threads.close();
    }

    @Test
    void aTaskOfAPlainRestClientIsDeliveredAndItsNameIsTaken() throws Exception {
        String gateway = start();
        assertThat(post(gateway + QUEUES, """
                {"name": "projects/shop/locations/europe-west1/queues/order-tasks", "retryConfig": {"maxAttempts": 3}}
                """)).contains("200").contains("\"state\": \"RUNNING\"");
        String task = TASK.formatted("https://order-worker.shop.example/tasks/invoice?x=1");
        assertThat(post(gateway + QUEUES + "/order-tasks/tasks", task)).contains("200");
        assertThat(delivered)
                .succeedsWithin(AT_MOST)
                .isEqualTo("POST /tasks/invoice?x=1 blue order_4711-invoice {\"id\": 4711}");
        assertThat(post(gateway + QUEUES + "/order-tasks/tasks", task))
                .contains("409")
                .contains("ALREADY_EXISTS");
    }

    /** The item is found by the id that its handler sees, until it has ended. */
    @Test
    void anUnnamedTaskOfAQueueWithTaskBatchesIsDeliveredAsAnItem() throws Exception {
        String queues = start() + QUEUES;
        post(queues, "{\"name\": \"projects/shop/locations/europe-west1/queues/order-tasks\"}");
        var rules = (MappingReader.Reading.Valid) MappingReader.read("""
                namespaces: [{project: shop, location: '*', namespace: default}]
                taskBatches: [{namespace: default, queue: order-tasks}]
                """);
        try (var transport = new OkHttpClusterTransport(cluster.join());
                var grouping = new GatewayServer(GatewaySettings.development(0), transport, rules::rules)) {
            String tasks = "http://127.0.0.1:" + grouping.plaintextPort() + QUEUES + "/order-tasks/tasks";
            String created = post(
                    tasks,
                    TASK.formatted("https://order-worker.shop.example/tasks/invoice")
                            .replaceFirst("\"name\": \"[^\"]*\",", ""));
            Matcher id = Pattern.compile("tasks/(order-tasks-[0-9]{16}-0)\"").matcher(created);
            assertThat(id.find()).as(created).isTrue();
            assertThat(delivered)
                    .succeedsWithin(AT_MOST)
                    .isEqualTo("POST /tasks/invoice blue " + id.group(1) + " {\"id\": 4711}");
            await().atMost(AT_MOST)
                    .until(() -> get(tasks + "/" + id.group(1)), answer -> answer.contains("existed recently"));
        }
    }

    /** It names no version of the API, gives no url, and wants tokens of an account that it makes up. */
    @Test
    void aTaskOfFirebaseAdminGoesToTheServiceThatIsCalledLikeTheQueue() throws Exception {
        String gateway = start();
        String queues = gateway + "/projects/shop/locations/europe-west1/queues";
        post(queues, "{\"name\": \"projects/shop/locations/europe-west1/queues/order-worker\"}");
        assertThat(post(
                        queues + "/order-worker/tasks",
                        TASK.replace("order-tasks", "order-worker")
                                .replace(
                                        "\"url\"",
                                        "\"oidcToken\": {\"serviceAccountEmail\": \"emulated-service-acct@email.com\"}, \"url\"")
                                .formatted("")))
                .contains("200");
        assertThat(delivered).succeedsWithin(AT_MOST).isEqualTo("POST / blue order_4711-invoice {\"id\": 4711}");
    }

    @Test
    void aUrlOfNoServiceIsRefused() throws Exception {
        String gateway = start();
        post(gateway + QUEUES, "{\"name\": \"projects/shop/locations/europe-west1/queues/order-tasks\"}");
        assertThat(post(gateway + QUEUES + "/order-tasks/tasks", TASK.formatted("https://elsewhere.example/")))
                .contains("400")
                .contains("is no Service of this cluster");
    }

    @Test
    void aMissingQueueAndAMissingTaskAreNotFound() throws Exception {
        String gateway = start();
        assertThat(get(gateway + QUEUES + "/order-tasks")).contains("404").contains("Queue does not exist.");
        post(gateway + QUEUES, "{\"name\": \"projects/shop/locations/europe-west1/queues/order-tasks\"}");
        assertThat(get(gateway + QUEUES + "/order-tasks/tasks/none"))
                .contains("404")
                .contains("NOT_FOUND");
    }

    @Test
    void aWebPageCannotUseIt() throws Exception {
        String gateway = start();
        assertThat(send(HttpRequest.newBuilder(URI.create(gateway + QUEUES))
                        .header("Origin", "https://page.example")
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))))
                .contains("403")
                .contains("no web pages");
    }

    @Test
    void clientsThatTrustItsCertificateReachItWithTls() throws Exception {
        start();
        Matcher tls = Pattern.compile("With TLS: (https://127.0.0.1:[0-9]+), root (\\S+)")
                .matcher(output());
        assertThat(tls.find()).isTrue();
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(trusting(Path.of(tls.group(2))))
                .build()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(tls.group(1) + QUEUES)).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aTakenPortIsToldInASentence() throws IOException {
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> DevGateway.open(other.getLocalPort(), Config.empty()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("--gateway names port " + other.getLocalPort()
                            + ", which is taken; name another one, or 0 for any.");
        }
    }

    @Test
    void aGatewayThatNobodyAskedForTakesALineAndAFreePort() throws IOException {
        try (var usual = new ServerSocket(DevGateway.PORT, 1, InetAddress.getLoopbackAddress())) {
            opensAtAnotherPort(usual.getLocalPort());
        } catch (BindException takenAlready) {
            opensAtAnotherPort(DevGateway.PORT);
        }
    }

    private static void opensAtAnotherPort(int port) throws IOException {
        try (var api = EmbeddedApiServer.start(0, InstantSource.system());
                var gateway = DevGateway.open(null, api.clientConfig())) {
            assertThat(gateway.port()).isNotEqualTo(port);
            assertThat(gateway.introduction()).hasSize(1);
        }
    }

    private static SSLContext trusting(Path certificate) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = new FileInputStream(certificate.toFile())) {
            store.setCertificateEntry(
                    "root", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** Starts the dev mode with the handler as order-worker, and waits for its gateway; the URL of it. */
    private String start() throws IOException {
        var read = (DevArguments.Reading.Run) DevArguments.read(
                "--gateway",
                "0",
                "--forward",
                "order-worker=http://127.0.0.1:" + handler.getAddress().getPort());
        var screens = new Screens(new PrintStream(written, true, UTF_8), false);
        var started = new DevRun(read.arguments(), screens.screen(), screens.board());
        var ended = CompletableFuture.runAsync(() -> run(started), threads);
        stop = () -> {
            started.stop();
            ended.join();
        };
        var address = Pattern.compile("Cloud Tasks gateway: (http://127.0.0.1:[0-9]+),[\\s\\S]*Stays up");
        return await().atMost(AT_MOST)
                .until(() -> ended.isDone() ? Optional.of("ended: " + output()) : first(address), Optional::isPresent)
                .orElseThrow();
    }

    private Optional<String> first(Pattern pattern) {
        return pattern.matcher(output()).results().map(found -> found.group(1)).findFirst();
    }

    private void run(DevRun run) {
        try (var api = new EmbeddedServer(EmbeddedApiServer.start(0, InstantSource.system()));
                run) {
            cluster.complete(api.clientConfig());
            run.run(api, List.of());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private String get(String url) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url)));
    }

    private String post(String url, String body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }

    private String output() {
        return written.toString(UTF_8);
    }
}
