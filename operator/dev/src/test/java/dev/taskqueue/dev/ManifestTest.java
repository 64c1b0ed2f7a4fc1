package dev.taskqueue.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManifestTest {
    @Test
    void tasksComeLastAndElseInTheirOrder() {
        List<Manifest> all = Manifest.parse("a.yaml", """
                # a comment alone
                ---
                {apiVersion: taskqueue.dev/v1beta1, kind: Task, metadata: {name: t1, namespace: shop}}
                ---
                {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Service, metadata: {name: s}}]}
                ---
                {apiVersion: taskqueue.dev/v1beta1, kind: Task, metadata: {generateName: t2-}}
                """);
        assertThat(all).extracting(Manifest::name).containsExactly("s", "t1", "t2-");
        assertThat(all).extracting(Manifest::namespace).containsExactly("default", "shop", "default");
    }

    @Test
    void theSamplesShowEveryKindOfEnd() {
        List<Manifest> samples = Manifest.read(Path.of("../../samples/orders"));
        assertThat(samples.stream()
                        .filter(Manifest::isTask)
                        .map(manifest -> manifest.expectation().toString()))
                .contains("Succeeded", "Succeeded/Delivered", "Failed/RetriesExhausted", "AlreadyExists");
        // kubectl creates one file after the other, so the second of the two must be the one that expects a refusal.
        assertThat(samples.stream()
                        .filter(manifest -> manifest.name().equals("order-4711-invoice"))
                        .map(manifest -> manifest.expectation().state()))
                .containsExactly("Succeeded", "AlreadyExists");
    }

    @Test
    void whatIsNoManifestNamesTheFile() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Manifest.parse("a.yaml", "{a: b"))
                .withMessageStartingWith("a.yaml is no readable YAML");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Manifest.parse("a.yaml", "{kind: Task}"))
                .withMessage("a.yaml has an object without kind or apiVersion; add them.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Manifest.parse("a.yaml", "just words"))
                .withMessageStartingWith("a.yaml holds something else");
    }

    @Test
    void anExpectationIsAStateAndMaybeAReason() {
        assertThat(Expectation.parse(null).isMetBy("Succeeded", "Delivered")).isTrue();
        assertThat(Expectation.parse("Failed").isMetBy("Failed", "Expired")).isTrue();
        assertThat(Expectation.parse("Failed/Expired").isMetBy("Failed", "Expired"))
                .isTrue();
        assertThat(Expectation.parse("Failed/Expired").isMetBy("Failed", "NonRetryable"))
                .isFalse();
        assertThat(Expectation.parse("Failed").isMetBy("Succeeded", "Delivered"))
                .isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Expectation.parse("Success"))
                .withMessageContaining("\"Success\"");
    }
}
