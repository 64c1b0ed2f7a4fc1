package dev.taskqueue.dev;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.taskqueue.controlplane.FreePorts;
import dev.taskqueue.controlplane.InstalledPrograms;
import dev.taskqueue.controlplane.LocalCertificate;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.ProducerPod;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.controlplane.testing.TestFolders;
import dev.taskqueue.dev.apiserver.EmbeddedApiServer;
import dev.taskqueue.gateway.GatewayServer;
import dev.taskqueue.gateway.GatewaySettings;
import dev.taskqueue.gateway.cluster.OkHttpClusterTransport;
import dev.taskqueue.gateway.mapping.MappingReader;
import dev.taskqueue.gateway.mapping.MappingRules;
import dev.taskqueue.gateway.mapping.TaskLimits;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests {@code samples/migrate-from-cloud-tasks}: three programs with Google's clients create tasks, and the handlers that they had get them. Nothing
 * in the producers knows of us.
 */
@Requires({Prerequisite.PYTHON_CLIENT, Prerequisite.NODE, Prerequisite.NODE_CLIENT})
class MigrationSampleIT {
    private static final Path SAMPLE =
            Path.of("../../samples/migrate-from-cloud-tasks").toAbsolutePath();
    private static final Path CLUSTER = SAMPLE.resolve("cluster/shop.yaml");
    private static final String ISSUER = "https://kubernetes.default.svc.cluster.local";
    private static final String AUDIENCE = "taskqueue-gateway";
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Map<String, List<String>> HANDLERS = Map.of(
            "carts", List.of("node", "carts.js"),
            "mailer", List.of(python(), "mailer.py"),
            "billing", List.of(python(), "billing.py"));

    private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
    private final Map<String, SampleProcess> handlers = new HashMap<>();
    private final Map<String, Integer> ports = new HashMap<>();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @AfterEach
    void stop() throws Exception {
        while (!toClose.isEmpty()) {
            toClose.pop().close();
        }
    }

    @Test
    void inTheDevModeTheProgramsRunAsTheyAre() throws Exception {
        var api = closing(new EmbeddedServer(EmbeddedApiServer.start(0, Instant::now)));
        startHandlers(billing("default", url(api), url(api), Map.of()));
        startDevMode(api, Manifest.read(SAMPLE), "--gateway", "0");
        Matcher tls = await().atMost(PATIENCE)
                .until(() -> printed("With TLS: https://127.0.0.1:([0-9]+), root (\\S+)tls.crt"), Matcher::find);
        ProducerPod pod = closing(ProducerPod.of(Path.of(tls.group(2)), Integer.parseInt(tls.group(1))));
        Matcher credentials = printed("GOOGLE_APPLICATION_CREDENTIALS=(\\S+)");
        assertThat(credentials.find()).isTrue();
        assertTheProgramsWork(pod, Map.of("GOOGLE_APPLICATION_CREDENTIALS", credentials.group(1)));
    }

    @Test
    @Requires(Prerequisite.CONTROL_PLANE)
    void withARealApiServerTheyRunWithTokensOfTheirServiceAccount() throws Exception {
        var api = closing(RealApiServer.start(InstalledPrograms.here()));
        KubernetesClient client = closing(
                new KubernetesClientBuilder().withConfig(api.clientConfig()).build());
        client.namespaces().resource(namespace()).create();
        Path ca = TestFolders.create("cluster").resolve("ca.crt");
        Files.write(ca, Base64.getDecoder().decode(api.clientConfig().getCaCertData()));
        String keys = ca.toString();
        startHandlers(billing("shop", ISSUER, url(api), Map.of("REQUESTS_CA_BUNDLE", keys, "SSL_CERT_FILE", keys)));
        createAllButServices(client);
        startDevMode(
                api, Manifest.read(CLUSTER).stream().filter(Manifest::isService).toList());
        var certificate = closing(LocalCertificate.make());
        var transport = closing(new OkHttpClusterTransport(api.clientConfig()));
        MappingRules rules = rules();
        var gateway = closing(new GatewayServer(settings(certificate), transport, () -> rules));
        ProducerPod pod =
                closing(ProducerPod.of(certificate.folder(), gateway.tlsPort())).withToken(token(client));
        assertTheProgramsWork(pod, Map.of("TOKEN_FILE", pod.tokenFile().toString()));
        assertThat(client.raw("/apis/taskqueue.dev/v1beta1/namespaces/shop/tasks"))
                .contains("order_4711-invoice");
    }

    /** The programs run with what .ci/clients installs, so the sample must name the same versions. */
    @Test
    void theSampleNamesTheVersionsThatAreTested() throws IOException {
        Path clients = SAMPLE.resolve("../../.ci/clients");
        List<String> installed = Files.readAllLines(clients.resolve("python.txt"));
        for (String folder : List.of("producers", "handlers")) {
            assertThat(Files.readAllLines(SAMPLE.resolve(folder).resolve("requirements.txt")))
                    .allSatisfy(line -> assertThat(installed).contains(line.replace("[crypto]", "")));
        }
        String version = "\"@google-cloud/tasks\": \"6.3.0\"";
        assertThat(Files.readString(clients.resolve("node/package.json"))).contains(version);
        assertThat(Files.readString(SAMPLE.resolve("producers/package.json"))).contains(version);
    }

    private void assertTheProgramsWork(ProducerPod pod, Map<String, String> environment) throws Exception {
        assertThat(pod.run(List.of("bash", "queues.sh"), SAMPLE, environment))
                .contains("queues/cart-reminders", "\"maxDispatchesPerSecond\": 25", "queues/welcome-mails")
                .contains("queues/invoices", "\"maxAttempts\": 10");
        assertThat(node(pod, environment, "carts.js", "7", "2")).startsWith("Reminder of cart 7 at ");
        assertThat(node(pod, environment, "carts.js", "7", "2")).isEqualTo("Cart 7 has its reminder already\n");
        assertThat(python(pod, environment, "signup.py", "busy")).startsWith("Welcome mail of busy: projects/");
        assertThat(python(pod, environment, "signup.py", "busy"))
                .isEqualTo("The welcome mail of busy is on its way already\n");
        assertThat(python(pod, environment, "orders.py", "4711")).isEqualTo("Order 4711: invoice requested\n");
        assertThat(python(pod, environment, "orders.py", "4711"))
                .isEqualTo("Order 4711: invoice was requested before\n");
        awaitSaid("carts", "Reminder of cart 7, task cart_7-reminder of cart-reminders");
        awaitSaid("mailer", "Welcome mail to busy, task welcome-busy of welcome-mails, executed before: 1");
        awaitSaid("billing", "Invoice of order 4711, task order_4711-invoice");
        assertThat(call("billing", "/invoices")).isEqualTo(401);
        assertThat(call("mailer", "/tasks/welcome")).isEqualTo(403);
    }

    private void awaitSaid(String handler, String line) {
        SampleProcess process = Objects.requireNonNull(handlers.get(handler), "the handler is started");
        await().atMost(PATIENCE).untilAsserted(() -> {
            process.checkAlive();
            assertThat(process.said()).contains(line);
        });
        assertThat(process.said()).containsOnlyOnce(line);
    }

    private static String node(ProducerPod pod, Map<String, String> environment, String... arguments)
            throws InterruptedException {
        return pod.run(command("node", arguments), SAMPLE.resolve("producers"), with(environment, nodeModules()));
    }

    private static String python(ProducerPod pod, Map<String, String> environment, String... arguments)
            throws InterruptedException {
        return pod.run(command(python(), arguments), SAMPLE.resolve("producers"), environment);
    }

    private static List<String> command(String program, String... arguments) {
        var command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        return command;
    }

    private static Map<String, String> with(Map<String, String> some, Map<String, String> more) {
        var all = new HashMap<>(some);
        all.putAll(more);
        return all;
    }

    private static String python() {
        return InstalledPrograms.here().pythonClient().map(Path::toString).orElse("python3");
    }

    private static Map<String, String> nodeModules() {
        return Map.of(
                "NODE_PATH",
                InstalledPrograms.here()
                        .nodeClient()
                        .orElseThrow()
                        .resolve("node_modules")
                        .toString());
    }

    /** The variables of {@code cluster/shop.yaml}, with the addresses of this API server. */
    private static Map<String, String> billing(
            String namespace, String issuer, String api, Map<String, String> certificate) {
        return with(
                certificate,
                Map.of(
                        "CERTS_URL",
                        api + "/openid/v1/jwks",
                        "ISSUER",
                        issuer,
                        "CALLER",
                        "system:serviceaccount:" + namespace + ":task-dispatcher"));
    }

    private void startHandlers(Map<String, String> billing) {
        HANDLERS.forEach((name, command) -> {
            int port = FreePorts.one();
            ports.put(name, port);
            var environment = Map.of("PORT", String.valueOf(port), "HOST", "127.0.0.1");
            handlers.put(
                    name, closing(new SampleProcess(command, SAMPLE.resolve("handlers"), with(environment, billing))));
        });
    }

    private void startDevMode(DevApiServer api, List<Manifest> manifests, String... more) {
        var arguments = new ArrayList<>(List.of(more));
        ports.forEach((name, port) -> arguments.addAll(List.of("--forward", name + "=http://127.0.0.1:" + port)));
        var reading = (DevArguments.Reading.Run) DevArguments.read(arguments.toArray(String[]::new));
        var screens = new Screens(new PrintStream(printed, true, UTF_8), false);
        var run = new DevRun(reading.arguments(), screens.screen(), screens.board());
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                run.run(api, manifests);
            } catch (IOException | InterruptedException | RuntimeException failure) {
                failure.printStackTrace(new PrintStream(printed, true, UTF_8));
            }
        });
        toClose.push(() -> {
            run.stop();
            thread.join();
            run.close();
        });
    }

    private static String url(DevApiServer api) {
        return api.clientConfig().getMasterUrl().replaceFirst("/$", "");
    }

    private static Namespace namespace() {
        return new NamespaceBuilder()
                .withNewMetadata()
                .withName("shop")
                .endMetadata()
                .build();
    }

    /** Nothing runs the Deployments, but the API server accepts them. */
    private static void createAllButServices(KubernetesClient client) throws IOException {
        try (InputStream in = Files.newInputStream(CLUSTER)) {
            client.load(in).items().stream()
                    .filter(object -> !object.getKind().equals("Service"))
                    .forEach(object -> client.resource(object).create());
        }
    }

    /** The mapping of the sample's values for the chart. */
    private static MappingRules rules() throws IOException {
        var yaml = new YAMLMapper();
        JsonNode mapping = yaml.readTree(
                        CLUSTER.resolveSibling("gateway-values.yaml").toFile())
                .at("/gateway/mapping");
        var reading = (MappingReader.Reading.Valid) MappingReader.read(yaml.writeValueAsString(mapping));
        return reading.rules();
    }

    private static GatewaySettings settings(LocalCertificate certificate) {
        return new GatewaySettings(
                0,
                null,
                0,
                "127.0.0.1",
                certificate.folder(),
                true,
                Set.of(AUDIENCE),
                Duration.ofMinutes(1),
                Set.of(),
                64,
                1_572_864,
                Duration.ofSeconds(20),
                new TaskLimits(Duration.ofDays(30), Duration.ofMinutes(30)),
                Duration.ofSeconds(5),
                false,
                false);
    }

    /** As the volume of {@code cluster/shop.yaml} has it. */
    private static String token(KubernetesClient client) {
        return client.serviceAccounts()
                .inNamespace("shop")
                .withName("shop")
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withAudiences(List.of(AUDIENCE))
                        .withExpirationSeconds(3600L)
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
    }

    private int call(String handler, String path) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.get(handler) + path))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        }
    }

    private Matcher printed(String pattern) {
        return Pattern.compile(pattern).matcher(printed.toString(UTF_8));
    }

    private <T extends AutoCloseable> T closing(T part) {
        toClose.push(part);
        return part;
    }
}
