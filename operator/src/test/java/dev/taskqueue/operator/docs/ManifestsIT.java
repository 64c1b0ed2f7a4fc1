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
 * Checks that the API server accepts the whole manifests on the pages, and the files of quickstart and samples, unchanged and without a warning. The
 * namespace requires Pods that follow Pod Security {@code restricted}. Parts of manifests are not checked.
 */
class ManifestsIT {
    private static final Path ROOT = ControlPlane.repository();

    /** Excludes kinds of Argo CD and Flux, which this API server does not serve, and files that the languages' own tools put beside the samples. */
    private static final Pattern OTHERS =
            Pattern.compile("/(argocd|flux-system|migrate-from-cloud-tasks/cluster|node_modules|target|[.][^/]*)/");

    /** Objects of products that this control plane has no CRDs of. */
    private static final Pattern OTHER_PRODUCTS =
            Pattern.compile("apiVersion: (constraints[.]gatekeeper[.]sh|keda[.]sh|kyverno[.]io|[a-z]+[.]istio[.]io)/");

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
                .filter(text -> text.startsWith("apiVersion:")
                        && !OTHER_PRODUCTS.matcher(text).lookingAt())
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
