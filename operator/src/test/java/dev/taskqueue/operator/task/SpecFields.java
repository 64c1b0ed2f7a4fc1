package dev.taskqueue.operator.task;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The fields of a CRD's spec that hold a time, a duration, a quantity or a number. */
public final class SpecFields {
    private SpecFields() {}

    public enum Form {
        TIME,
        DURATION,
        QUANTITY,
        INTEGER
    }

    /**
     * One of these fields.
     *
     * @param sentences the messages of its rules, and of the rules of the objects around it
     * @param wrap makes a spec of a value
     */
    record Field(String kind, String path, Form form, List<String> sentences, UnaryOperator<Object> wrap) {
        Object spec(Object value) {
            return wrap.apply(value);
        }
    }

    static List<Field> of(String kind, JsonNode spec) {
        var fields = new ArrayList<Field>();
        UnaryOperator<Object> root = value -> {
            var whole = new HashMap<>(asMap(value));
            if (!kind.equals("TaskQueue")) {
                whole.put("queueRef", Map.of("name", "a"));
            }
            if (kind.equals("TaskBatch") && !whole.containsKey("items")) {
                whole.putIfAbsent("count", 1);
            }
            return whole;
        };
        collect(new Field(kind, "spec", Form.INTEGER, List.of(), root), spec, fields);
        return fields;
    }

    private static void collect(Field at, JsonNode schema, List<Field> fields) {
        var sentences = new ArrayList<>(at.sentences);
        schema.path("x-kubernetes-validations")
                .forEach(rule -> sentences.add(rule.path("message").asText()));
        Form form = form(schema);
        if (form != null) {
            fields.add(new Field(at.kind, at.path, form, List.copyOf(sentences), at.wrap));
        }
        schema.path("properties").properties().forEach(property -> {
            UnaryOperator<Object> wrap = value -> at.wrap.apply(object(schema, property.getKey(), value));
            var field =
                    new Field(at.kind, at.path + "." + property.getKey(), Form.INTEGER, List.copyOf(sentences), wrap);
            collect(field, property.getValue(), fields);
        });
        if (schema.has("items")) {
            var item = new Field(
                    at.kind, at.path + "[0]", Form.INTEGER, sentences, value -> at.wrap.apply(List.of(value)));
            collect(item, schema.get("items"), fields);
        }
    }

    /** An object with this field. Every other required field gets some word as its value. */
    private static Map<String, Object> object(JsonNode schema, String field, Object value) {
        var object = new LinkedHashMap<String, Object>();
        schema.path("required").forEach(required -> object.put(required.asText(), "a"));
        object.put(field, value);
        return object;
    }

    private static @org.jspecify.annotations.Nullable Form form(JsonNode schema) {
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
            return Form.QUANTITY;
        }
        if (schema.path("type").asText().equals("integer")) {
            return Form.INTEGER;
        }
        String words = schema.path("description").asText();
        if (!schema.path("type").asText().equals("string")) {
            return null;
        }
        return words.contains("RFC 3339") ? Form.TIME : words.matches("(?is).*\\bduration\\b.*") ? Form.DURATION : null;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> asMap(Object value) {
        return (Map<String, Object>) value;
    }
}
