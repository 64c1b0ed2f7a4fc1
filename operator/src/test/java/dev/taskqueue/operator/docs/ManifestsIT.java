package dev.taskqueue.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.testing.ControlPlane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the pages show as whole manifests, and the files of quickstart and samples, the API server takes as they stand and without a warning,
 * in a namespace whose Pods must be as Pod Security {@code restricted} wants them. Parts of manifests are looked at by nobody.
 */
class ManifestsIT {
    private static final Path ROOT = ControlPlane.repository();

    /** Kinds of Argo CD and Flux, which are not served here; and what the languages' own tools put beside the samples. */
    private static final Pattern OTHERS = Pattern.compile("/(argocd|flux-system|node_modules|target|[.][^/]*)/");

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
        return MarkdownPage.blocks(page).stream()
                .filter(block -> block.language().equals("yaml"))
                .map(MarkdownPage.Block::text)
                .filter(text -> text.startsWith("apiVersion:"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyWholeManifestIsTaken(String page) {
        ControlPlane plane = ControlPlane.shared();
        String namespace = restrictedNamespace(plane);
        for (String manifest : manifests(page)) {
            assertTaken(plane, namespace, manifest);
        }
    }

    static List<Path> files() throws IOException {
        try (Stream<Path> samples = Files.walk(ROOT.resolve("samples"));
                Stream<Path> quickstart = Files.list(ROOT.resolve("docs/quickstart"))) {
            return Stream.concat(samples, quickstart)
                    .filter(file -> file.toString().endsWith(".yaml"))
                    .map(ROOT::relativize)
                    .filter(file -> !OTHERS.matcher(file.toString()).find())
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everySampleFitsARestrictedNamespace(Path file) throws IOException {
        ControlPlane plane = ControlPlane.shared();
        assertTaken(plane, restrictedNamespace(plane), Files.readString(ROOT.resolve(file)));
    }

    private static String restrictedNamespace(ControlPlane plane) {
        String namespace = plane.newNamespace();
        plane.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/warn=restricted");
        return namespace;
    }

    private static void assertTaken(ControlPlane plane, String namespace, String manifest) {
        String answer = plane.kubectlWithInput(
                manifest,
                "create",
                "--dry-run=server",
                "--validate=strict",
                "--warnings-as-errors",
                "-n",
                namespace,
                "-f",
                "-");
        assertThat(answer.lines())
                .as(manifest)
                .isNotEmpty()
                .allMatch(line -> line.endsWith("created (server dry run)"));
    }
}
