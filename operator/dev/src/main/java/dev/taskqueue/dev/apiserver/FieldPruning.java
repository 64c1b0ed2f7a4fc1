package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Fits an object to its structural schema, in place: it removes unknown fields and nulls, and adds defaults. */
final class FieldPruning {
    private FieldPruning() {}

    /** Removes unknown fields, and adds their paths to {@code unknown}. */
    static void prune(JsonNode schema, ObjectNode object, Set<String> always, List<String> unknown) {
        prune(schema, object, "", always, unknown);
    }

    private static void prune(JsonNode schema, JsonNode value, String path, Set<String> always, List<String> unknown) {
        if (schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
            return;
        }
        switch (value) {
            case ObjectNode object -> {
                JsonNode values = schema.path("additionalProperties");
                for (String name : names(object)) {
                    JsonNode known = values.isObject()
                            ? values
                            : schema.path("properties").path(name);
                    String inner = path.isEmpty() ? name : path + "." + name;
                    if (path.isEmpty() && always.contains(name)) {
                        continue;
                    }
                    if (known.isMissingNode()) {
                        object.remove(name);
                        unknown.add(inner);
                    } else if (object.path(name).isNull()
                            && !known.path("nullable").asBoolean()) {
                        object.remove(name);
                    } else {
                        prune(known, object.path(name), inner, always, unknown);
                    }
                }
            }
            default -> {
                int index = 0;
                for (JsonNode item : value) {
                    prune(schema.path("items"), item, path + "[" + index++ + "]", always, unknown);
                }
            }
        }
    }

    static void setDefaults(JsonNode schema, JsonNode value) {
        if (value instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> property :
                    schema.path("properties").properties()) {
                JsonNode fallback = property.getValue().path("default");
                if (!fallback.isMissingNode() && !object.has(property.getKey())) {
                    object.set(property.getKey(), fallback.deepCopy());
                }
                setDefaults(property.getValue(), object.path(property.getKey()));
            }
            JsonNode values = schema.path("additionalProperties");
            if (values.isObject()) {
                object.forEach(inner -> setDefaults(values, inner));
            }
        } else {
            value.forEach(item -> setDefaults(schema.path("items"), item));
        }
    }

    private static List<String> names(ObjectNode object) {
        var names = new ArrayList<String>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
