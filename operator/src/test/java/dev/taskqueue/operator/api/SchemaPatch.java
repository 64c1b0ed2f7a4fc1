package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Adds everything for which the CRD generator has no annotation: formats, list types, bounds of int-or-string, the order of columns. */
final class SchemaPatch {
    /** A condition as Kubernetes defines it. The record is Fabric8's and has no annotations. */
    private static final String CONDITION = """
            type: object
            required: [lastTransitionTime, message, reason, status, type]
            properties:
              type:
                description: "Which condition this is; each stands in the list at most once. Example: Finished."
                type: string
                maxLength: 316
                pattern: ^[A-Za-z]+$
              status:
                description: "\\"True\\", \\"False\\" or \\"Unknown\\". Example: \\"True\\"."
                type: string
                maxLength: 32
                enum: ["True", "False", "Unknown"]
              reason:
                description: "Why, in one word for programs. Example: Delivered."
                type: string
                minLength: 1
                maxLength: 1024
                pattern: ^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$
              message:
                description: "Why, in a sentence for people: names the object and what to change. Example: Delivered by attempt 1."
                type: string
                maxLength: 32768
              lastTransitionTime:
                description: "When status last changed, RFC 3339. Example: 2026-11-20T08:00:12Z."
                type: string
                maxLength: 64
                format: date-time
              observedGeneration:
                description: "The metadata.generation that this condition is about. Example: 1."
                type: integer
                format: int64
                minimum: 0
                maximum: 9007199254740991
            """;

    private final KubernetesSerialization serialization = new KubernetesSerialization();
    private final Class<? extends CustomResource<?, ?>> kind;

    SchemaPatch(Class<? extends CustomResource<?, ?>> kind) {
        this.kind = kind;
    }

    void complete(ObjectNode crd) {
        for (JsonNode version : crd.at("/spec/versions")) {
            orderColumns((ArrayNode) version.get("additionalPrinterColumns"));
            ObjectNode root = (ObjectNode) version.at("/schema/openAPIV3Schema");
            root.put(
                    "description",
                    Objects.requireNonNull(kind.getAnnotation(JsonClassDescription.class))
                            .value());
            walk("", root);
            if (root.at("/properties/spec/properties/onFinished/properties/httpRequest")
                    instanceof ObjectNode request) {
                describeOnce(request, "template.httpRequest");
            }
        }
    }

    /** Keeps the examples and leaves the other words to the field of the same name elsewhere: a CRD has less than 100 kB. */
    private static void describeOnce(ObjectNode schema, String elsewhere) {
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            ObjectNode field = (ObjectNode) property.getValue();
            String path = elsewhere + "." + property.getKey();
            String text = field.path("description").asText();
            field.put("description", "As " + path + ". " + text.substring(text.lastIndexOf("Example: ")));
            describeOnce(field, path);
            if (field.get("items") instanceof ObjectNode entries) {
                describeOnce(entries, path + "[]");
            }
        }
    }

    /** Restores the order of columns: the generator sorts them by path, but users should see them in the order of the annotations. */
    private void orderColumns(ArrayNode columns) {
        List<String> order = Arrays.stream(kind.getAnnotationsByType(AdditionalPrinterColumn.class))
                .map(AdditionalPrinterColumn::name)
                .toList();
        List<JsonNode> sorted = new ArrayList<>();
        columns.forEach(sorted::add);
        sorted.sort(Comparator.comparingInt(c -> order.indexOf(c.get("name").asText())));
        columns.removeAll();
        columns.addAll(sorted);
    }

    private void walk(String name, ObjectNode schema) {
        format(schema);
        switch (name) {
            case "conditions" -> {
                schema.set("items", serialization.unmarshal(CONDITION, ObjectNode.class));
                listMap(schema, "type");
            }
            case "secretHeaders" -> {
                if (schema.at("/items/type").asText().equals("object")) {
                    listMap(schema, "name");
                } else {
                    schema.put("x-kubernetes-list-type", "atomic");
                }
            }
            case "headerFamilies", "nonRetryableStatusCodes" -> schema.put("x-kubernetes-list-type", "set");
            case "attempts", "headers", "fromQueue", "items", "claims", "failures" -> {
                if (schema.has("items")) {
                    schema.put("x-kubernetes-list-type", "atomic");
                }
            }
            case "json" -> anyValue(schema);
            case "port" -> intOrString(schema, 1, 65_535, 63);
            case "maxDispatchesPerSecond" -> intOrString(schema, 0, 10_000, 32);
            case "enforcedDispatchesPerSecond" -> intOrString(schema, 0, 10_000, 32);
            default -> {
                // needs no change
            }
        }
        wholeNumbers(schema);
        rulesOnce(schema);
        switch (schema.path("pattern").asText()) {
            case SpecTimeText.PATTERN -> firstRule(schema, Rules.TIME, Rules.TIME_MESSAGE);
            case DurationText.PATTERN -> firstRule(schema, Rules.DURATION, Rules.DURATION_MESSAGE);
            default -> {
                // needs no rule
            }
        }
        schema.path("properties").properties().forEach(p -> walk(p.getKey(), (ObjectNode) p.getValue()));
        for (String inner : List.of("items", "additionalProperties")) {
            if (schema.get(inner) instanceof ObjectNode node) {
                walk("", node);
            }
        }
    }

    private static void format(ObjectNode schema) {
        if (schema.path("pattern").asText().equals(TimeText.FORMAT)) {
            schema.remove("pattern");
            schema.put("format", "date-time");
        }
        if (schema.has("enum")) {
            schema.put("maxLength", 32);
        }
        if (schema.path("type").asText().equals("integer")) {
            schema.put("format", schema.path("maximum").asDouble() > Integer.MAX_VALUE ? "int64" : "int32");
        }
    }

    /** Puts a rule first. A composed annotation cannot contain a rule, because another rule annotation beside it would replace it. */
    private static void firstRule(ObjectNode schema, String rule, String message) {
        ArrayNode rules = schema.withArray("x-kubernetes-validations");
        rules.insertObject(0).put("message", message).put("rule", rule);
    }

    private static void listMap(ObjectNode schema, String key) {
        schema.put("x-kubernetes-list-type", "map");
        schema.putArray("x-kubernetes-list-map-keys").add(key);
    }

    private static void anyValue(ObjectNode schema) {
        schema.retain("description");
        schema.put("x-kubernetes-preserve-unknown-fields", true);
    }

    /** Each of the types in {@code anyOf} would add two lines to a refusal. The API server checks the types without it. */
    private static void intOrString(ObjectNode schema, int min, int max, int maxLength) {
        schema.remove("anyOf");
        schema.put("minimum", min).put("maximum", max).put("minLength", 1).put("maxLength", maxLength);
        if (schema.has("default")) {
            schema.put("default", schema.get("default").asInt());
        }
    }

    /** Writes whole numbers without a fraction: the generator writes 10000.0 instead of 10000. */
    private static void wholeNumbers(ObjectNode schema) {
        for (String bound : List.of("minimum", "maximum")) {
            if (schema.has(bound)) {
                schema.put(bound, schema.get(bound).asLong());
            }
        }
    }

    /** Removes duplicates: the generator finds an annotation of a record's component twice, at the field and at its accessor. */
    private static void rulesOnce(ObjectNode schema) {
        if (schema.get("x-kubernetes-validations") instanceof ArrayNode rules) {
            var once = new LinkedHashSet<JsonNode>();
            rules.forEach(once::add);
            schema.set("x-kubernetes-validations", new ArrayNode(JsonNodeFactory.instance, new ArrayList<>(once)));
        }
    }
}
