package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;

/** JSON as trees and as the typed objects of Fabric8. */
final class Trees {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final KubernetesSerialization TYPED = new KubernetesSerialization();

    private Trees() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static JsonNode read(byte[] json) throws IOException {
        return MAPPER.readTree(json);
    }

    static ObjectNode parse(String json) {
        try {
            return (ObjectNode) MAPPER.readTree(json);
        } catch (IOException wrong) {
            throw new UncheckedIOException(wrong);
        }
    }

    static <T> T typed(JsonNode object, Class<T> type) {
        return TYPED.convertValue(object, type);
    }

    static JsonNode tree(Object typed) {
        return TYPED.convertValue(typed, JsonNode.class);
    }

    static byte[] json(Object typed) {
        return TYPED.asJson(typed).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }
}
