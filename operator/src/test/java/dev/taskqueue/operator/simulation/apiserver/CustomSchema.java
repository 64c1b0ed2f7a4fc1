package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.testing.ControlPlane;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What the server takes from a CustomResourceDefinition of this project.
 *
 * @param spec fits specs to the schema
 * @param status fits statuses to the schema
 * @param selectableFields by which lists and watches may select, such as {@code status.state}
 * @param immutableSpec why the spec cannot be changed; empty if it can
 */
record CustomSchema(
        StructuralSchema spec, StructuralSchema status, Set<String> selectableFields, String immutableSpec) {

    /** @param name of the CustomResourceDefinition, as in {@code crds/NAME.yaml} */
    static CustomSchema read(String name) {
        Path file = ControlPlane.repository().resolve("crds").resolve(name + ".yaml");
        try (var text = Files.newInputStream(file)) {
            JsonNode version = new KubernetesSerialization()
                    .unmarshal(text, ObjectNode.class)
                    .at("/spec/versions/0");
            JsonNode fields = version.at("/schema/openAPIV3Schema/properties");
            var selectable = new LinkedHashSet<String>();
            version.path("selectableFields")
                    .forEach(field ->
                            selectable.add(field.path("jsonPath").asText().substring(1)));
            return new CustomSchema(
                    StructuralSchema.of(fields.path("spec")),
                    StructuralSchema.of(fields.path("status")),
                    selectable,
                    immutable(fields.path("spec")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String immutable(JsonNode spec) {
        for (JsonNode rule : spec.path("x-kubernetes-validations")) {
            if (rule.path("rule").asText().equals("self == oldSelf")) {
                return rule.path("message").asText();
            }
        }
        return "";
    }

    /** Removes unknown fields from spec and status, and adds defaults. Other fields of the object's root are removed. */
    void fit(ObjectNode object) {
        Json.set(object, "spec", spec.fit(object.get("spec")));
        Json.set(object, "status", status.fit(object.get("status")));
        if (object.size() > 5) {
            object.retain("apiVersion", "kind", "metadata", "spec", "status");
        }
    }
}
