package dev.taskqueue.operator;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubeconfigRulesTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("kubeconfig"), content);
    }

    private static String config(String currentContext, String cluster, String server) {
        return """
                apiVersion: v1
                kind: Config
                current-context: %s
                contexts: [{name: here, context: {cluster: %s, user: me}}]
                clusters: [{name: ours, cluster: {server: "%s"}}]
                users: [{name: me, user: {token: secret}}]
                """.formatted(currentContext, cluster, server);
    }

    @Test
    void aWholeKubeconfigIsAccepted() throws IOException {
        KubeconfigRules.check(null);
        KubeconfigRules.check("");
        KubeconfigRules.check(
                file(config("here", "ours", "https://127.0.0.1:6443")).toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            elsewhere | ours | https://a:1 | whose current-context "elsewhere" does not exist
            ''        | ours | https://a:1 | which has no current-context
            here      | gone | https://a:1 | whose cluster "gone" does not exist
            here      | ours | a:1:x       | whose cluster "ours" has no server
            here      | ours | ''          | whose cluster "ours" has no server
            """)
    void aKubeconfigThatNamesNoApiServerIsRefused(String current, String cluster, String server, String problem)
            throws IOException {
        Path file = file(config(current, cluster, server));
        assertThatThrownBy(() -> KubeconfigRules.check(file.toString()))
                .isInstanceOf(NotStartedException.class)
                .hasMessageStartingWith("KUBECONFIG names " + file + ", " + problem)
                .hasMessageEndingWith(": correct it, or unset it.");
    }

    @Test
    void whatIsNoKubeconfigIsRefusedWithoutItsContent() throws IOException {
        Path file = file("token: [secret");
        assertThatThrownBy(() -> KubeconfigRules.check(file.toString()))
                .hasMessage("KUBECONFIG names " + file + ", which is no kubeconfig: correct it, or unset it.");
        assertThatThrownBy(() -> KubeconfigRules.check("/nowhere/kubeconfig"))
                .hasMessageContaining("which cannot be read");
    }
}
