package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One version of an object. Its tree is never changed, and its bytes are made at most once. */
final class StoredObject {
    private static final byte[] METADATA_HEAD =
            "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":"
                    .getBytes(StandardCharsets.UTF_8);

    private final ObjectNode tree;
    private final long version;
    private byte @Nullable [] json;

    /** @param version 0 = it is not stored, but the answer to a dry run */
    StoredObject(ObjectNode tree, long version) {
        this.tree = tree;
        this.version = version;
    }

    ObjectNode tree() {
        return tree;
    }

    long version() {
        return version;
    }

    ObjectNode metadata() {
        return (ObjectNode) tree.get("metadata");
    }

    String name() {
        return metadata().path("name").asText();
    }

    String namespace() {
        return metadata().path("namespace").asText();
    }

    String uid() {
        return metadata().path("uid").asText();
    }

    boolean isBeingDeleted() {
        return metadata().has("deletionTimestamp");
    }

    boolean hasFinalizers() {
        return !metadata().path("finalizers").isEmpty();
    }

    byte[] json() {
        if (json == null) {
            json = Json.bytes(tree);
        }
        return json;
    }

    /** The object in the form PartialObjectMetadata. */
    byte[] metadataJson() {
        byte[] metadata = Json.bytes(metadata());
        return Bytes.join(METADATA_HEAD, metadata, Bytes.CLOSING_BRACE);
    }

    byte[] json(boolean metadataOnly) {
        return metadataOnly ? metadataJson() : json();
    }

    /** The object as an event of its deletion shows it: as it was last, with the version of the deletion. */
    StoredObject deletedAt(long deletion) {
        ObjectNode last = Json.shallowCopy(tree);
        last.set("metadata", Json.shallowCopy(metadata()).put("resourceVersion", Long.toString(deletion)));
        return new StoredObject(last, deletion);
    }
}
