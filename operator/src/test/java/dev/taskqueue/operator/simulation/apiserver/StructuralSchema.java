package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A part of a structural schema. It fits values: unknown fields and nulls are removed, defaults are added. */
final class StructuralSchema {
    private final Map<String, StructuralSchema> properties = new LinkedHashMap<>();
    private final List<Map.Entry<String, StructuralSchema>> defaults = new ArrayList<>();
    private final @Nullable StructuralSchema values;
    private final @Nullable StructuralSchema items;
    private final @Nullable JsonNode ownDefault;
    /** Whether a value can be left as it is: it is a scalar, or all its fields are allowed. */
    private final boolean isFree;

    private StructuralSchema(JsonNode schema) {
        schema.path("properties").properties().forEach(field -> {
            var inner = new StructuralSchema(field.getValue());
            properties.put(field.getKey(), inner);
            if (inner.ownDefault != null) {
                defaults.add(Map.entry(field.getKey(), inner));
            }
        });
        JsonNode additional = schema.path("additionalProperties");
        values = additional.isObject() ? new StructuralSchema(additional) : null;
        items = schema.has("items") ? new StructuralSchema(schema.path("items")) : null;
        ownDefault = schema.get("default");
        isFree = schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()
                || (properties.isEmpty() && values == null && items == null);
    }

    static StructuralSchema of(JsonNode schema) {
        return new StructuralSchema(schema);
    }

    /** Returns the fitted value: the same one if it fits already, a new one otherwise. A missing value becomes the default. */
    @Nullable JsonNode fit(@Nullable JsonNode value) {
        JsonNode present = value == null || value.isNull() ? ownDefault : value;
        if (present == null || isFree) {
            return present;
        }
        return switch (present) {
            case ObjectNode object -> fitObject(object);
            case ArrayNode array -> fitArray(array);
            default -> present;
        };
    }

    @SuppressWarnings("ReferenceEquality")
    private ObjectNode fitObject(ObjectNode object) {
        ObjectNode fitted = object;
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            StructuralSchema schema = values != null ? values : properties.get(field.getKey());
            JsonNode before = field.getValue();
            JsonNode after = schema == null ? null : schema.fit(before);
            if (after != before) {
                fitted = copyOnce(fitted, object);
                Json.set(fitted, field.getKey(), after);
            }
        }
        for (Map.Entry<String, StructuralSchema> missing : defaults) {
            if (!fitted.has(missing.getKey())) {
                fitted = copyOnce(fitted, object);
                // A default may have defaults inside, such as {} for an object.
                Json.set(fitted, missing.getKey(), missing.getValue().fit(null));
            }
        }
        return fitted;
    }

    @SuppressWarnings("ReferenceEquality")
    private static ObjectNode copyOnce(ObjectNode fitted, ObjectNode original) {
        return fitted == original ? Json.shallowCopy(original) : fitted;
    }

    @SuppressWarnings("ReferenceEquality")
    private ArrayNode fitArray(ArrayNode array) {
        if (items == null) {
            return array;
        }
        boolean isSame = true;
        ArrayNode fitted = JsonNodeFactory.instance.arrayNode(array.size());
        for (JsonNode item : array) {
            JsonNode after = items.fit(item);
            isSame &= after == item;
            fitted.add(after);
        }
        return isSame ? array : fitted;
    }
}
