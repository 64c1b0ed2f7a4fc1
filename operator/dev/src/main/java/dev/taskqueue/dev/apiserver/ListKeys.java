package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Reads the key that identifies an item of a list of type {@code map}. */
final class ListKeys {
    private ListKeys() {}

    static ObjectNode of(JsonNode schema, JsonNode item) {
        ObjectNode key = JsonNodeFactory.instance.objectNode();
        schema.path("x-kubernetes-list-map-keys").forEach(name -> key.set(name.asText(), item.path(name.asText())));
        return key;
    }
}
