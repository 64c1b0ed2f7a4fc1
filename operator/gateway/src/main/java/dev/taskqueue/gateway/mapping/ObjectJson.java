package dev.taskqueue.gateway.mapping;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Trees of JSON, and messages as JSON text in annotations. */
public final class ObjectJson {
    /** Reads and writes all objects. */
    public static final ObjectMapper MAPPER = new ObjectMapper();

    private ObjectJson() {}

    /** A new, empty object. */
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** Reads bytes of the API server. */
    public static JsonNode read(byte[] bytes) {
        try {
            return MAPPER.readTree(bytes);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Writes a tree. */
    public static byte[] write(JsonNode tree) {
        try {
            return MAPPER.writeValueAsBytes(tree);
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** Writes a tree as text without line breaks. */
    static String line(JsonNode tree) {
        try {
            return MAPPER.writeValueAsString(tree);
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** An annotation of an object; null if it has none of that name. */
    public static @Nullable String annotation(JsonNode object, String name) {
        JsonNode value = object.path("metadata").path("annotations").path(name);
        return value.isTextual() ? value.asText() : null;
    }

    /** The text of a field; empty if it is missing. */
    public static String text(JsonNode object, String field) {
        return object.path(field).asText("");
    }

    /** A message as JSON text in one line. */
    static String text(Message message) {
        try {
            return JsonFormat.printer().omittingInsignificantWhitespace().print(message);
        } catch (InvalidProtocolBufferException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** Reads what {@link #text(Message)} wrote; absent if somebody has changed it to something else. */
    static <B extends Message.Builder> Optional<B> message(@Nullable String text, B into) {
        if (text == null) {
            return Optional.empty();
        }
        try {
            JsonFormat.parser().ignoringUnknownFields().merge(text, into);
            return Optional.of(into);
        } catch (InvalidProtocolBufferException changed) {
            return Optional.empty();
        }
    }
}
