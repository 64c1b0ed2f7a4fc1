package dev.taskqueue.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.InstalledPrograms;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.gateway.testing.RealCluster;
import dev.taskqueue.gateway.testing.TestGateway;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Google's Python client takes the same steps over gRPC and REST, and sees the same. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.PYTHON_CLIENT})
class PythonClientIT {
    private static RealCluster cluster;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        cluster = new RealCluster();
        gateway = new TestGateway(cluster.gatewayTransport(), TestGateway.rules(TestGateway.MAPPING));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        cluster.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"grpc", "rest"})
    void theTranscriptIsTheExpectedOne(String transport) throws IOException, InterruptedException {
        Path python = InstalledPrograms.here().pythonClient().orElseThrow();
        Path steps = Path.of("src/test/clients/steps.py").toAbsolutePath();
        Process process = new ProcessBuilder(
                        python.toString(),
                        steps.toString(),
                        transport,
                        "127.0.0.1:" + gateway.server().plaintextPort(),
                        cluster.tokenFor("shop", "admin", TestGateway.AUDIENCE))
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        assertThat(printed).isEqualTo(Files.readString(steps.resolveSibling("transcript.txt")));
    }
}
