package dev.taskqueue.operator.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.InstalledPrograms;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the tests of the console's pure modules under Node; they are in {@code src/test/console}. */
@Requires(Prerequisite.NODE)
class ConsoleModulesTest {
    private static final Path TESTS = Path.of("src/test/console");

    @TempDir
    Path folder;

    @Test
    void theirTestsPass() throws IOException, InterruptedException {
        var command = new ArrayList<>(
                List.of(InstalledPrograms.here().onPath("node").orElseThrow().toString(), "--test"));
        try (Stream<Path> files = Files.list(TESTS)) {
            files.map(Path::toString).sorted().forEach(command::add);
        }
        Path said = folder.resolve("said");
        Process node = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertThat(node.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(node.exitValue())
                .as(Files.readString(said, StandardCharsets.UTF_8))
                .isZero();
    }
}
