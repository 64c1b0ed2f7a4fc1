package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps {@code metadata.managedFields}: one entry for each manager, operation and subresource, with the time of its last write. */
final class ManagedFields {
    private ManagedFields() {}

    /**
     * The entries after a write.
     *
     * @param before the entries before; null = none
     * @param apply whether this is a server-side apply
     */
    static ArrayNode written(
            @Nullable JsonNode before, RequestTarget target, String manager, boolean apply, String time) {
        ObjectNode own = Json.object().put("manager", manager).put("operation", apply ? "Apply" : "Update");
        own.put("apiVersion", target.kind().apiVersion()).put("time", time).put("fieldsType", "FieldsV1");
        own.putObject("fieldsV1");
        if (!target.subresource().isEmpty()) {
            own.put("subresource", target.subresource());
        }
        ArrayNode entries = JsonNodeFactory.instance.arrayNode();
        if (before != null) {
            for (JsonNode entry : before) {
                if (!isSameWriter(entry, own)) {
                    entries.add(entry);
                }
            }
        }
        // Applies come first, and among equals the newest last.
        int place = apply ? applies(entries) : entries.size();
        return entries.insert(place, own);
    }

    /** Whether a new object has fields that somebody can own. */
    static boolean hasFields(ObjectNode object) {
        JsonNode metadata = object.path("metadata");
        return object.size() > 3 || metadata.has("labels") || metadata.has("annotations") || metadata.has("finalizers");
    }

    private static boolean isSameWriter(JsonNode entry, ObjectNode own) {
        return entry.path("manager").equals(own.path("manager"))
                && entry.path("operation").equals(own.path("operation"))
                && entry.path("subresource").equals(own.path("subresource"));
    }

    private static int applies(ArrayNode entries) {
        int count = 0;
        while (entries.path(count).path("operation").asText().equals("Apply")) {
            count++;
        }
        return count;
    }

    /** Whether a write sets at least one field to a new value. A write that only removes fields owns none of them, so it is not listed. */
    static boolean setsFields(ObjectNode before, ObjectNode after) {
        for (Map.Entry<String, JsonNode> field : after.properties()) {
            JsonNode old = before.get(field.getKey());
            JsonNode value = field.getValue();
            if (value.equals(old)) {
                continue;
            }
            if (!(old instanceof ObjectNode from && value instanceof ObjectNode to) || setsFields(from, to)) {
                return true;
            }
        }
        return false;
    }
}
