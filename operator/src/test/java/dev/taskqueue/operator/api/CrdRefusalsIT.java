package dev.taskqueue.operator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.taskqueue.operator.testing.ControlPlane;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule refuses one manifest, with a sentence that says what to change. {@code crd-refusals.yaml} has the manifests. */
class CrdRefusalsIT {
    private static final Pattern REPETITION = Pattern.compile("\\$\\{(\\d+)\\*([^}]+)}");

    private static ControlPlane plane;
    private static String namespace;

    /** A line of the table. */
    private record Row(String what, String kind, String spec, String message) {}

    @BeforeAll
    static void start() {
        plane = ControlPlane.shared();
        namespace = plane.newNamespace();
    }

    static Stream<Arguments> rows() throws IOException {
        try (var file = CrdRefusalsIT.class.getResourceAsStream("/crd-refusals.yaml")) {
            List<Row> rows = new YAMLMapper().readValue(Objects.requireNonNull(file), new TypeReference<>() {});
            return rows.stream().map(row -> argumentSet(row.kind + ": " + row.what, row.kind, row.spec, row.message));
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void everyRuleRefuses(String kind, String spec, String message) {
        var object = Manifests.resource(kind, written(spec));
        assertThatThrownBy(() -> plane.client()
                        .genericKubernetesResources("taskqueue.dev/v1beta1", kind)
                        .inNamespace(namespace)
                        .resource(object)
                        .dryRun()
                        .create())
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(422))
                .hasMessageContaining(message);
    }

    /** Writes out the repetitions, so that long texts get their full length. */
    private static String written(String spec) {
        return REPETITION
                .matcher(spec)
                .replaceAll(found -> Matcher.quoteReplacement(found.group(2).repeat(Integer.parseInt(found.group(1)))));
    }
}
