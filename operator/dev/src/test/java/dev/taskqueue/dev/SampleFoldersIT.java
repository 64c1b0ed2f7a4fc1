package dev.taskqueue.dev;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Requires;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs every folder of {@code samples} in the dev mode, as its page says. A folder without manifests of its own is a group of such folders. */
@Requires({})
class SampleFoldersIT {
    private static final Path SAMPLES = Path.of("../../samples");

    static List<String> folders() throws IOException {
        var folders = new ArrayList<String>();
        for (Path folder : children(SAMPLES)) {
            if (Files.isDirectory(folder)) {
                List<Path> children = children(folder);
                boolean sample =
                        children.stream().anyMatch(child -> child.toString().endsWith(".yaml"));
                (sample ? List.of(folder) : children)
                        .forEach(found -> folders.add(SAMPLES.relativize(found).toString()));
            }
        }
        return folders;
    }

    private static List<Path> children(Path folder) throws IOException {
        try (var all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("folders")
    void everyTaskEndsAsItSays(String folder) {
        var out = new ByteArrayOutputStream();
        int code = DevMain.run(
                new PrintStream(out, true, UTF_8),
                false,
                "--manifests",
                SAMPLES.resolve(folder).toString());
        assertThat(out.toString(UTF_8)).contains(" ended as expected.").doesNotContain("All 0 ");
        assertThat(code).isZero();
    }

    @ParameterizedTest
    @MethodSource("folders")
    void theFolderHasAPageThatSaysHowToRunIt(String folder) throws IOException {
        String page = Files.readString(SAMPLES.resolve(folder).resolve("README.md"));
        assertThat(page).contains("mvn -q -Pdev");
        assertThat(Files.readString(SAMPLES.resolve("README.md"))).contains("[" + folder + "](" + folder + ")");
    }

    @Test
    void thereAreFolders() throws IOException {
        assertThat(folders()).contains("orders", "retry-lab", "gitops/argo").doesNotContain("gitops");
    }
}
