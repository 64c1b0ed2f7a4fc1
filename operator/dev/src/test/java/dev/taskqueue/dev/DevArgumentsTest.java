package dev.taskqueue.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DevArgumentsTest {
    private static final Path SAMPLES = Path.of("../../samples/orders");

    @Test
    void nothingMeansTheSamples() {
        assertThat(read()).isEqualTo(new DevArguments(List.of(), Map.of(), false, 0, false, false, null));
        assertThat(read().staysUp()).isFalse();
    }

    @Test
    void ownHandlersDoWithoutTheSamplesTasks() {
        DevArguments arguments = read("--forward", "order-worker=http://localhost:8080", "--port", "7000");
        assertThat(arguments.forwards())
                .containsExactly(Map.entry("order-worker", URI.create("http://localhost:8080")));
        assertThat(arguments.port()).isEqualTo(7000);
        assertThat(arguments.leavesTasksOut()).isTrue();
        assertThat(arguments.staysUp()).isTrue();
    }

    @Test
    void theSamplesQueuesAreForTheSamplesServices(@TempDir Path folder) throws IOException {
        assertThat(DevMain.manifests(read("--forward", "myapp=http://localhost:9191"), SAMPLES))
                .isEmpty();
        assertThat(DevMain.manifests(read("--forward", "order-worker=http://localhost:9191"), SAMPLES))
                .extracting(Manifest::name)
                .contains("order-tasks", "order-worker");
        Path own = Files.writeString(
                folder.resolve("q.yaml"),
                "{apiVersion: taskqueue.dev/v1beta1, kind: TaskQueue, metadata: {name: own}}");
        assertThat(DevMain.manifests(
                        read("--manifests", own.toString(), "--forward", "myapp=http://localhost:9191"), SAMPLES))
                .extracting(Manifest::name)
                .containsExactly("own");
    }

    @Test
    void ownManifestsRunToTheirEndUnlessKept() {
        assertThat(read("--manifests", ".", "--forward", "a=http://b/").staysUp())
                .isFalse();
        assertThat(read("--manifests", ".", "--keep").staysUp()).isTrue();
    }

    @Test
    void aNamedGatewayStaysUpWithTheSamples() {
        DevArguments arguments = read("--gateway", "8123");
        assertThat(arguments.gateway()).isEqualTo(8123);
        assertThat(arguments.staysUp()).isTrue();
        assertThat(arguments.leavesTasksOut()).isFalse();
    }

    @Test
    void helpWinsOverEverything() {
        assertThat(DevArguments.read("--nonsense", "--help")).isEqualTo(new DevArguments.Reading.Help());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--fast                        | \"--fast\" is no argument",
                "x                             | \"x\" is no argument",
                "--port                        | --port needs a value",
                "--port 65536                  | write a number from 0 to 65535",
                "--gateway                     | --gateway needs a value",
                "--gateway grpc                | --gateway is \"grpc\"; write a number from 0 to 65535",
                "--port -1                     | write a number from 0 to 65535",
                "--manifests no/such/folder    | no/such/folder, which does not exist",
                "--forward localhost:8080      | write the Service's name, = and a URL",
                "--forward A=http://b          | write the Service's name, = and a URL",
                "--forward a=b                 | write http://HOST:PORT",
                "--forward a=http://%          | which is no URL",
                "--forward a=https://b         | write http://HOST:PORT",
                "--forward a=http://b/c        | without a path",
                "--forward a=http://b?c        | without a path",
                "--forward a=http://b --forward a=http://c | names a twice",
                "--real --port 1               | leave it out with --real",
                "--real --open                 | with --real use kubectl tq console",
            })
    void whatIsWrongIsToldInASentence(String line, String sentence) {
        assertThat(DevArguments.read(line.split(" ", -1)))
                .isInstanceOfSatisfying(
                        DevArguments.Reading.Wrong.class,
                        wrong -> assertThat(wrong.problem()).contains(sentence).endsWith("."));
    }

    private static DevArguments read(String... args) {
        assertThat(DevArguments.read(args)).isInstanceOf(DevArguments.Reading.Run.class);
        return ((DevArguments.Reading.Run) DevArguments.read(args)).arguments();
    }
}
