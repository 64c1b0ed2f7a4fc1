package dev.taskqueue.operator.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.testing.ControlPlane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the pages show as whole manifests, the API server takes as it stands. Parts of manifests are looked at by nobody. */
class ManifestsIT {
    private static final Path ROOT = ControlPlane.repository();

    static List<String> pages() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(Stream.of("README.md"), docs.map(page -> "docs/" + page.getFileName()))
                    .filter(page -> page.endsWith(".md"))
                    .filter(page -> !manifests(page).isEmpty())
                    .sorted()
                    .toList();
        }
    }

    private static List<String> manifests(String page) {
        return Page.blocks(page).stream()
                .filter(block -> block.language().equals("yaml"))
                .map(Page.Block::text)
                .filter(text -> text.startsWith("apiVersion:"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyWholeManifestIsTaken(String page) {
        ControlPlane plane = ControlPlane.shared();
        String namespace = plane.newNamespace();
        for (String manifest : manifests(page)) {
            String answer = plane.kubectlWithInput(
                    manifest, "create", "--dry-run=server", "--validate=strict", "-n", namespace, "-f", "-");
            assertThat(answer.lines())
                    .as(manifest)
                    .isNotEmpty()
                    .allMatch(line -> line.endsWith("created (server dry run)"));
        }
    }
}
