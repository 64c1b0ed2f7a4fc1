package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Trees of JSON. A tree that is stored is never changed: a change makes new objects on the way to the changed field and shares all others. */
final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** A copy whose fields may be set, while their values are shared. */
    static ObjectNode shallowCopy(ObjectNode object) {
        return object().setAll(object);
    }

    static JsonNode read(byte[] json) throws IOException {
        return MAPPER.readTree(json);
    }

    static byte[] bytes(JsonNode tree) {
        try {
            return MAPPER.writeValueAsBytes(tree);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sets the field, or removes it if there is no value. */
    static void set(ObjectNode object, String field, @Nullable JsonNode value) {
        if (value == null) {
            object.remove(field);
        } else {
            object.set(field, value);
        }
    }

    /** The object in this field; an empty one if there is none. */
    static ObjectNode inner(ObjectNode object, String field) {
        return object.get(field) instanceof ObjectNode inner ? inner : object();
    }

    /** Follows a path of field names; a missing node if it leads nowhere. */
    static JsonNode at(JsonNode object, String[] path) {
        JsonNode node = object;
        for (String field : path) {
            node = node.path(field);
        }
        return node;
    }
}
