package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** Reads the metadata that every object has from its tree. */
final class Metadata {
    private Metadata() {}

    static ObjectNode of(ObjectNode object) {
        return object.path("metadata") instanceof ObjectNode metadata ? metadata : object.putObject("metadata");
    }

    static String name(JsonNode object) {
        return text(object, "name");
    }

    static String namespace(JsonNode object) {
        return text(object, "namespace");
    }

    static String uid(JsonNode object) {
        return text(object, "uid");
    }

    static String version(JsonNode object) {
        return text(object, "resourceVersion");
    }

    /** The text of a field; empty if the object does not have it. */
    static String text(JsonNode object, String field) {
        return object.path("metadata").path(field).asText("");
    }

    static boolean isBeingDeleted(JsonNode object) {
        return object.path("metadata").hasNonNull("deletionTimestamp");
    }

    static boolean hasFinalizers(JsonNode object) {
        return !object.path("metadata").path("finalizers").isEmpty();
    }

    /** Sets the field, or removes it if the value is null. */
    static void set(ObjectNode parent, String field, @Nullable JsonNode value) {
        if (value == null || value.isMissingNode()) {
            parent.remove(field);
        } else {
            parent.set(field, value);
        }
    }
}
