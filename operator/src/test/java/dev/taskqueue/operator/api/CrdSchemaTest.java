package dev.taskqueue.operator.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks every field of all schemas for the properties that all fields must have. */
class CrdSchemaTest {
    @Test
    void everyFieldSaysWhatItDoesWithAnExample() {
        assertThat(faults((path, field, faults) -> {
                    String description = field.path("description").asText();
                    if (!isInner(path) && !(description.contains("Example: ") && description.endsWith("."))) {
                        faults.add(path);
                    }
                }))
                .as("fields whose description is missing or has no example")
                .isEmpty();
    }

    @Test
    void everyStringListMapAndNumberIsBounded() {
        assertThat(faults((path, field, faults) -> needed(field)
                        .filter(bound -> !field.has(bound))
                        .forEach(bound -> faults.add(path + " " + bound))))
                .as("missing bounds")
                .isEmpty();
    }

    @Test
    void defaultsStandOnlyWhereTheyCannotBeTakenForTheUsersChoice() {
        List<String> defaults = faults((path, field, faults) -> {
            if (field.has("default")) {
                faults.add(path);
            }
        });
        assertThat(defaults)
                .contains(
                        "TaskQueue.spec.retry.maxAttempts",
                        "Task.status.state",
                        "Task.status",
                        "TaskBatch.status.state");
        assertThat(defaults)
                .noneMatch(path -> path.startsWith("Task.spec")
                        || path.startsWith("TaskBatch.spec")
                        || path.startsWith("TaskQueue.spec.httpTarget")
                        || path.contains("[]"));
    }

    @Test
    void onlyAJsonBodyMayHoldUnknownFields() {
        assertThat(faults((path, field, faults) -> {
                    if (field.has("x-kubernetes-preserve-unknown-fields")) {
                        faults.add(path);
                    }
                }))
                .containsExactly(
                        "Task.spec.httpRequest.json",
                        "TaskBatch.spec.onFinished.httpRequest.json",
                        "TaskBatch.spec.template.httpRequest.json");
    }

    @Test
    void everyRuleSaysWhatToChange() {
        assertThat(faults((path, field, faults) -> field.path("x-kubernetes-validations")
                        .forEach(rule -> {
                            if (rule.path("message").asText().length() < 15) {
                                faults.add(path + " " + rule.path("rule").asText());
                            }
                        })))
                .isEmpty();
    }

    @Test
    void aRequestInWordsHidesWhatMayBePrivate() {
        var task = new KubernetesSerialization()
                .convertValue(
                        Manifests.resource(
                                "Task", "{queueRef: {name: a}, httpRequest: {body: private, headers: {a: private}}}"),
                        Task.class);
        assertThat(task.toString()).contains("queueRef").doesNotContain("private");
    }

    @ParameterizedTest
    @ValueSource(strings = {"25", "0.5", "500m", "1k", "1e3", "5E-1", ".5", "5.", "+5", "1Ki", "100000000n"})
    void whatTheApiServerTakesForAQuantityCanBeRead(String quantity) {
        assertThat(new Quantity(quantity).getNumericalAmount()).isPositive();
    }

    private static Stream<String> needed(JsonNode field) {
        if (field.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
            return Stream.of();
        }
        if (field.path("x-kubernetes-int-or-string").asBoolean()) {
            return Stream.of("maxLength", "minimum", "maximum");
        }
        return switch (field.path("type").asText()) {
            case "string" -> Stream.of("maxLength");
            case "integer" -> Stream.of("minimum", "maximum", "format");
            case "array" -> Stream.of("maxItems", "x-kubernetes-list-type");
            case "object" -> field.has("additionalProperties") ? Stream.of("maxProperties") : Stream.of("properties");
            default -> Stream.of("type");
        };
    }

    /** Items and values have no description of their own: the list or map around them describes them. */
    private static boolean isInner(String path) {
        return path.endsWith("[]") || path.endsWith("{}");
    }

    private interface Look {
        void at(String path, JsonNode field, List<String> faults);
    }

    private static List<String> faults(Look look) {
        List<String> faults = new ArrayList<>();
        for (var kind : CrdWriter.KINDS) {
            JsonNode root = CrdWriter.crd(kind).at("/spec/versions/0/schema/openAPIV3Schema");
            walk(kind.getSimpleName(), root, (path, field) -> look.at(path, field, faults));
        }
        return faults;
    }

    private static void walk(String path, JsonNode field, BiConsumer<String, JsonNode> visit) {
        visit.accept(path, field);
        field.path("properties").properties().forEach(p -> walk(path + "." + p.getKey(), p.getValue(), visit));
        if (field.has("items")) {
            walk(path + "[]", field.get("items"), visit);
        }
        if (field.has("additionalProperties")) {
            walk(path + "{}", field.get("additionalProperties"), visit);
        }
    }
}
