package dev.taskqueue.operator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.ControlPlane;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The API server refuses a value one step beyond each bound in the schema of a spec, and the refusal names the field. */
class CrdBoundsIT {
    private static ControlPlane plane;
    private static String namespace;

    @BeforeAll
    static void start() {
        plane = ControlPlane.shared();
        namespace = plane.newNamespace();
    }

    @ParameterizedTest
    @MethodSource("beyond")
    void oneStepBeyondIsRefused(String kind, String path, String words, Object spec) {
        var object = Manifests.resource(kind, spec);
        assertThatThrownBy(() -> plane.client()
                        .genericKubernetesResources("taskqueue.dev/v1beta1", kind)
                        .inNamespace(namespace)
                        .resource(object)
                        .dryRun()
                        .create())
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(422))
                .hasMessageContaining(path)
                .hasMessageContaining(words);
    }

    static Stream<Arguments> beyond() {
        List<Arguments> rows = new ArrayList<>();
        for (var kind : CrdWriter.KINDS) {
            JsonNode spec = CrdWriter.crd(kind).at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
            collect(new Place(kind.getSimpleName(), "spec", UnaryOperator.identity()), spec, rows);
        }
        return rows.stream();
    }

    /** A field, and a function that wraps a value of it into a whole spec. */
    private record Place(String kind, String path, UnaryOperator<Object> wrap) {
        Place field(String name) {
            return new Place(kind, path + "." + name, value -> wrap.apply(Map.of(name, value)));
        }

        Place item() {
            return new Place(kind, path + "[0]", value -> wrap.apply(List.of(value)));
        }

        Place entry() {
            return new Place(kind, path + ".k", value -> wrap.apply(Map.of("k", value)));
        }
    }

    private static void collect(Place at, JsonNode schema, List<Arguments> rows) {
        schema.fieldNames().forEachRemaining(bound -> {
            beyond(bound, schema)
                    .ifPresent(value -> rows.add(argumentSet(
                            at.kind + " " + at.path + " " + bound,
                            at.kind,
                            at.path,
                            words(bound),
                            at.wrap.apply(value))));
        });
        schema.path("properties").properties().forEach(p -> collect(at.field(p.getKey()), p.getValue(), rows));
        if (schema.has("items")) {
            collect(at.item(), schema.get("items"), rows);
        }
        if (schema.has("additionalProperties")) {
            collect(at.entry(), schema.get("additionalProperties"), rows);
        }
    }

    private static Optional<Object> beyond(String bound, JsonNode schema) {
        long limit = schema.get(bound).asLong();
        int size = (int) limit;
        return switch (bound) {
            case "minimum" -> Optional.of(limit - 1);
            case "maximum" -> Optional.of(limit + 1);
            case "maxLength" -> Optional.of("1".repeat(size + 1));
            case "minLength" -> Optional.of("1".repeat(size - 1));
            case "maxItems" -> Optional.of(Collections.nCopies(size + 1, "x"));
            case "minItems" -> Optional.of(Collections.nCopies(size - 1, "x"));
            case "maxProperties" ->
                Optional.of(IntStream.rangeClosed(0, size).boxed().collect(Collectors.toMap(i -> "k" + i, i -> "v")));
            case "enum" -> Optional.of("Wrong");
            case "pattern" -> Optional.of("\u0001\u0001");
            default -> Optional.empty();
        };
    }

    /** The words with which the API server reports that this bound was exceeded, and no other. */
    private static String words(String bound) {
        return switch (bound) {
            case "minimum" -> "greater than or equal to";
            case "maximum" -> "less than or equal to";
            case "maxLength" -> "Too long";
            case "minLength" -> "should be at least";
            case "maxItems", "maxProperties" -> "must have at most";
            case "minItems" -> "should have at least";
            case "enum" -> "Unsupported value";
            default -> "should match";
        };
    }
}
