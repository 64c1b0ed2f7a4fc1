package dev.taskqueue.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.InstalledPrograms;
import dev.taskqueue.controlplane.LocalCertificate;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.ProducerPod;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.controlplane.testing.TestFolders;
import dev.taskqueue.gateway.testing.RealCluster;
import dev.taskqueue.gateway.testing.TestGateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Google's clients take the same steps over gRPC and REST, and see the same. Their programs have no endpoint and no credentials in them: they find
 * the gateway by a hosts file, and a token of a ServiceAccount by the credentials file.
 */
class ClientsIT {
    private static final Path STEPS = Path.of("src/test/clients").toAbsolutePath();

    private static RealCluster cluster;
    private static LocalCertificate certificate;
    private static TestGateway gateway;
    private static ProducerPod pod;

    @BeforeAll
    static void start() throws IOException {
        cluster = new RealCluster();
        certificate = LocalCertificate.make();
        gateway = new TestGateway(
                cluster.gatewayTransport(),
                () -> TestGateway.rules(TestGateway.MAPPING),
                TestGateway.settings().withTls(0, certificate.folder()));
        pod = ProducerPod.of(certificate.folder(), gateway.server().tlsPort())
                .withToken(cluster.tokenFor("shop", "admin", TestGateway.AUDIENCE));
    }

    @AfterAll
    static void stop() throws IOException {
        pod.close();
        gateway.close();
        certificate.close();
        cluster.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"grpc", "grpc_asyncio", "rest"})
    @Requires(Prerequisite.PYTHON_CLIENT)
    void pythonSeesTheExpected(String transport) throws Exception {
        Path python = InstalledPrograms.here().pythonClient().orElseThrow();
        assertTranscript(List.of(python.toString(), "steps.py", transport), Map.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"grpc", "rest"})
    @Requires({Prerequisite.NODE, Prerequisite.NODE_CLIENT})
    void nodeSeesTheExpected(String transport) throws Exception {
        Path modules = InstalledPrograms.here().nodeClient().orElseThrow().resolve("node_modules");
        assertTranscript(List.of("node", "steps.cjs", transport), Map.of("NODE_PATH", modules.toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"grpc", "rest"})
    void javaSeesTheExpected(String transport) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classPath = System.getProperty("java.class.path");
        assertTranscript(
                List.of(
                        java,
                        "--sun-misc-unsafe-memory-access=allow",
                        "-classpath",
                        classPath,
                        "Steps.java",
                        transport),
                Map.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"grpc", "rest"})
    @Requires(Prerequisite.GO_CLIENT)
    void goSeesTheExpected(String transport) throws Exception {
        Path program = Path.of("target/clients/steps").toAbsolutePath();
        // As .ci/clients/go.sh does, so that nothing but this program is compiled.
        var build = new ProcessBuilder("go", "build", "-buildvcs=false", "-trimpath", "-o", program.toString(), ".")
                .directory(STEPS.resolve("go").toFile())
                .inheritIO();
        build.environment().put("CGO_ENABLED", "0");
        assertThat(build.start().waitFor()).isZero();
        assertTranscript(List.of(program.toString(), transport), Map.of());
    }

    private static void assertTranscript(List<String> command, Map<String, String> environment) throws Exception {
        assertThat(pod.run(command, STEPS, environment)).isEqualTo(Files.readString(STEPS.resolve("transcript.txt")));
    }

    /** gcloud is in no package registry, so this runs only where somebody has installed it. */
    @Test
    void gcloudCreatesChangesAndDeletes() throws Exception {
        Assumptions.assumeTrue(
                InstalledPrograms.here().onPath("gcloud").isPresent(), "gcloud is not on the PATH of this machine");
        Path configuration = TestFolders.create("gcloud");
        var environment = Map.of(
                "CLOUDSDK_CONFIG", configuration.toString(),
                "CLOUDSDK_CORE_PROJECT", "demo",
                "CLOUDSDK_CORE_DISABLE_PROMPTS", "1",
                "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", pod.tokenFile().toString(),
                "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", certificate.certificate().toString());
        String printed = pod.run(List.of("bash", STEPS.resolve("gcloud.sh").toString()), configuration, environment);
        assertThat(printed).isEqualTo(Files.readString(STEPS.resolve("gcloud.txt")));
    }
}
