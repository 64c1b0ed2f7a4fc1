package dev.taskqueue.operator.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Of many specs with many fields, one spec with the field at fault is left. */
class ShrinkerTest {
    private static final String SPEC =
            "{spec: {delay: 5s, queueRef: {name: a}, httpRequest: {path: /a/long/path;x/and/more, headers: {A: b}}}, metadata: {annotations: {a: b}}}";

    private final List<FuzzSpec> specs = IntStream.range(0, 50)
            .mapToObj(i -> new FuzzSpec(
                    i,
                    List.of(),
                    (ObjectNode) FuzzWorld.json(i == 37 ? SPEC : "{spec: {delay: 5s}}"),
                    JsonNodeFactory.instance.objectNode(),
                    false))
            .toList();

    private static boolean isFaulty(List<FuzzSpec> tried) {
        return tried.stream()
                .anyMatch(spec ->
                        spec.manifest().at("/spec/httpRequest/path").asText().contains(";"));
    }

    @Test
    void theSpecAtFaultIsFoundAmongTheOthers() {
        assertThat(new Shrinker(ShrinkerTest::isFaulty).shrink(specs, Finding.UNKNOWN))
                .singleElement()
                .satisfies(spec -> {
                    assertThat(spec.index()).isEqualTo(37);
                    assertThat(spec.manifest().toString())
                            .doesNotContain("delay", "queueRef", "headers", "annotations");
                    assertThat(spec.manifest().at("/spec/httpRequest/path").asText())
                            .contains(";")
                            .hasSizeLessThan(8);
                });
    }

    @Test
    void aFaultThatDoesNotComeAgainLeavesNothing() {
        assertThat(new Shrinker(tried -> false).shrink(specs, 3)).isEmpty();
    }
}
