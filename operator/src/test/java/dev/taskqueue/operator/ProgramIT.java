package dev.taskqueue.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.controlplane.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program: what it does with its arguments, and with settings that keep it from starting. */
@Requires({})
class ProgramIT {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private record End(int exitCode, String out, String err) {}

    private End run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        var builder = new ProcessBuilder(Stream.concat(
                                Stream.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "-jar",
                                        Objects.requireNonNull(System.getProperty("operator.jar"))),
                                Stream.of(arguments))
                        .toList())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("TASKQUEUE_") || name.startsWith("JAVA_"));
        builder.environment().putAll(environment);
        int exitCode = builder.start().waitFor();
        return new End(exitCode, Files.readString(out), Files.readString(err));
    }

    @Test
    void anUnknownArgumentEndsItWithASentence() throws Exception {
        End end = run(Map.of(), "run");
        assertThat(end.exitCode()).isEqualTo(2);
        assertThat(end.out()).isEmpty();
        assertThat(end.err().lines())
                .singleElement()
                .asString()
                .startsWith("\"run\" is no argument of this program")
                .contains("--help");
    }

    @Test
    void versionAndHelpAreShown() throws Exception {
        End version = run(Map.of(), "--version");
        assertThat(version.exitCode()).isZero();
        assertThat(version.out()).matches("taskqueue-operator [0-9]+[.][0-9]+[.][0-9]+[-+.A-Za-z0-9]*\\R");
        End help = run(Map.of(), "--help");
        assertThat(help.exitCode()).isZero();
        assertThat(help.out()).contains("TASKQUEUE_LOG_FORMAT (default: text)", "plan FILE...", "--version");
    }

    @Test
    void planHasItsOwnArguments() throws Exception {
        assertThat(run(Map.of(), "plan", "--help").exitCode()).isZero();
    }

    @Test
    void badSettingsAreReportedInTheFormOfTheLog() throws Exception {
        End end = run(Map.of("TASKQUEUE_LOG_FORMAT", "json", "TASKQUEUE_MAX_IN_FLIGHT", "none"));
        assertThat(end.exitCode()).isEqualTo(2);
        List<String> messages = end.out().lines().map(ProgramIT::message).toList();
        assertThat(messages).anyMatch(message -> message.startsWith("TASKQUEUE_MAX_IN_FLIGHT is \"none\""));
    }

    private static String message(String line) {
        try {
            return new ObjectMapper().readTree(line).path("message").asText();
        } catch (IOException notJson) {
            throw new AssertionError(line, notJson);
        }
    }

    @Test
    void aBadFormatOfTheLogIsReportedAsText() throws Exception {
        End end = run(Map.of("TASKQUEUE_LOG_FORMAT", "xml", "TASKQUEUE_LEASE_NAMESPACE", "a"));
        assertThat(end.exitCode()).isEqualTo(2);
        assertThat(end.out()).contains("ERROR Main - TASKQUEUE_LOG_FORMAT is \"xml\"; allowed is one of text, json");
    }

    @Test
    void aKubeconfigThatCannotBeReadEndsItWithASentence() throws Exception {
        End end = run(Map.of("KUBECONFIG", "/nowhere/kubeconfig", "TASKQUEUE_LEASE_NAMESPACE", "a"));
        assertThat(end.exitCode()).isEqualTo(1);
        assertThat(end.out()).contains("KUBECONFIG names /nowhere/kubeconfig, which cannot be read");
        assertThat(end.out()).doesNotContain("\tat ");
    }
}
