package dev.taskqueue.operator.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.ApiGroup;

/**
 * One object of a manifest, as it stands there.
 *
 * @param source the file's name
 * @param object with a kind, an apiVersion and a namespace
 */
record ManifestObject(String source, ObjectNode object) {
    String kind() {
        return object.path("kind").asText();
    }

    String namespace() {
        return object.path("metadata").path("namespace").asText();
    }

    /** What the API server completes is shown with a star. */
    String name() {
        JsonNode metadata = object.path("metadata");
        if (metadata.hasNonNull("name")) {
            return metadata.path("name").asText();
        }
        return metadata.path("generateName").asText() + "*";
    }

    boolean isNamedByTheServer() {
        return !object.path("metadata").hasNonNull("name");
    }

    boolean is(String kind) {
        return kind().equals(kind) && object.path("apiVersion").asText().equals(ApiGroup.API_VERSION);
    }

    @Override
    public String toString() {
        return kind() + " " + namespace() + "/" + name();
    }
}
