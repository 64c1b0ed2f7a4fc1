package dev.taskqueue.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.Task;
import dev.taskqueue.gateway.cluster.ClusterRequest;
import dev.taskqueue.gateway.testing.LogLines;
import dev.taskqueue.gateway.testing.MemoryCluster;
import dev.taskqueue.gateway.testing.TestCertificate;
import dev.taskqueue.gateway.testing.TestGateway;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The mapping file and the certificate change under a running gateway; one that cannot be used changes nothing but a metric and the log. */
class ReloadTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String USER = "system:serviceaccount:shop:producer";
    private static final String TOKEN = "producer-token";
    private static final String SHOP = "namespaces: [{project: demo, location: \"*\", namespace: shop}]\n";
    private static final String BOTH =
            "namespaces: [{project: demo, location: \"*\", namespace: shop}, {project: late, location: \"*\", namespace: late}]\n";
    private static final String LATE = "projects/late/locations/us-central1/queues/orders";

    @TempDir
    private Path folder;

    private final MemoryCluster cluster = new MemoryCluster();
    private Path file;

    @BeforeEach
    void aMappingFile() throws IOException {
        cluster.token(TOKEN, USER, TestGateway.AUDIENCE);
        cluster.put("shop", "taskqueues", "{\"metadata\":{\"name\":\"orders\"},\"spec\":{}}");
        cluster.put("late", "taskqueues", "{\"metadata\":{\"name\":\"orders\"},\"spec\":{}}");
        file = Files.writeString(folder.resolve("mapping.yaml"), SHOP);
    }

    private static Status.Code create(TestGateway gateway, String queue) {
        var failure = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> gateway.tasks(TOKEN)
                        .createTask(CreateTaskRequest.newBuilder()
                                .setParent(queue)
                                .setTask(Task.newBuilder()
                                        .setHttpRequest(HttpRequest.newBuilder().setUrl("http://order-worker/")))
                                .build()));
        return failure == null ? Status.Code.OK : failure.getStatus().getCode();
    }

    private static String metric(TestGateway gateway, String name) throws IOException {
        var text = new ByteArrayOutputStream();
        gateway.server().meters().write(text);
        return text.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("taskqueue_gateway_" + name + " "))
                .findFirst()
                .orElseThrow()
                .split(" ", -1)[1];
    }

    private TestGateway gateway(MappingFile mapping) {
        assertThat(mapping.start()).isEmpty();
        return new TestGateway(cluster, mapping::rules, TestGateway.settings());
    }

    @Test
    void aProjectThatTheFileAddsIsServedAndItsQueuesAreWatched() throws IOException {
        var mapping = new MappingFile(file);
        try (TestGateway gateway = gateway(mapping)) {
            var files = new FileReloads(gateway.server(), mapping);
            assertThat(create(gateway, LATE)).isEqualTo(Status.Code.PERMISSION_DENIED);
            Files.writeString(file, BOTH);
            files.look();
            assertThat(metric(gateway, "config_valid")).isEqualTo("1.0");
            awaitWatched(gateway);
            cluster.requests.clear();
            assertThat(create(gateway, LATE)).isEqualTo(Status.Code.OK);
            assertThat(cluster.requests)
                    .as("no read of the queue")
                    .extracting(ClusterRequest::method)
                    .doesNotContain("GET");

            Files.writeString(file, SHOP);
            files.look();
            assertThat(create(gateway, LATE)).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(gateway.server().isReady()).isTrue();
        }
    }

    /** Until a create asks for no queue any more. */
    private void awaitWatched(TestGateway gateway) {
        Awaitility.await().atMost(PATIENCE).until(() -> {
            cluster.requests.clear();
            create(gateway, LATE);
            return cluster.requests.stream()
                    .noneMatch(request -> request.method().equals("GET"));
        });
    }

    @Test
    void aMappingFileThatIsWrongKeepsTheRulesBeforeItAndSaysSo() throws IOException {
        var mapping = new MappingFile(file);
        try (TestGateway gateway = gateway(mapping);
                LogLines log = LogLines.of(MappingFile.class)) {
            var files = new FileReloads(gateway.server(), mapping);
            Files.writeString(file, "namespaces: [{project: demo, location: \"*\", namespace: UPPER}]\n");
            files.look();
            assertThat(create(gateway, TestGateway.PARENT + "/queues/orders")).isEqualTo(Status.Code.OK);
            assertThat(metric(gateway, "config_valid")).isEqualTo("0.0");
            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .contains(file + " keeps the rules before it")
                    .contains("namespaces[0].namespace must be the name of a namespace");
            Files.delete(file);
            files.look();
            assertThat(create(gateway, TestGateway.PARENT + "/queues/orders")).isEqualTo(Status.Code.OK);
            Files.writeString(file, BOTH);
            files.look();
            assertThat(metric(gateway, "config_valid")).isEqualTo("1.0");
            assertThat(create(gateway, LATE)).isEqualTo(Status.Code.OK);
        }
    }

    @Test
    void aCertificateThatHasChangedIsShownToNewConnectionsAndABrokenOneIsNot() throws Exception {
        TestCertificate first = TestCertificate.create();
        first.writeTo(folder);
        var mapping = new MappingFile(file);
        assertThat(mapping.start()).isEmpty();
        try (TestGateway gateway = new TestGateway(
                        cluster, mapping::rules, TestGateway.settings().withTls(0, folder));
                LogLines log = LogLines.of(FileReloads.class)) {
            var files = new FileReloads(gateway.server(), mapping);
            int port = gateway.server().tlsPort();
            assertThat(TestCertificate.shownAt(port)).isEqualTo(first.certificate());
            TestCertificate second = TestCertificate.create();
            second.writeTo(folder);
            files.look();
            assertThat(TestCertificate.shownAt(port)).isEqualTo(second.certificate());

            Files.writeString(folder.resolve("tls.key"), "no key");
            files.look();
            assertThat(TestCertificate.shownAt(port)).isEqualTo(second.certificate());
            assertThat(metric(gateway, "config_valid")).isEqualTo("0.0");
            assertThat(log.lines()).allMatch(line -> line.contains("the ones before stay in force"));

            // The key of another certificate, as a reader sees it who comes between two writes.
            first.writeTo(folder);
            Files.copy(folder.resolve("tls.crt"), folder.resolve("first.crt"), StandardCopyOption.REPLACE_EXISTING);
            second.writeTo(folder);
            Files.copy(folder.resolve("first.crt"), folder.resolve("tls.crt"), StandardCopyOption.REPLACE_EXISTING);
            files.look();
            assertThat(TestCertificate.shownAt(port)).isEqualTo(second.certificate());
            assertThat(metric(gateway, "config_valid")).isEqualTo("0.0");

            first.writeTo(folder);
            files.look();
            assertThat(TestCertificate.shownAt(port)).isEqualTo(first.certificate());
            assertThat(metric(gateway, "config_valid")).isEqualTo("1.0");
        }
    }
}
