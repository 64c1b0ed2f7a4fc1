package dev.taskqueue.gateway.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.client.StoredText;

/**
 * A Task as an item of a TaskBatch that is not written yet.
 *
 * @param task the Task that it would be alone
 * @param template what it shares with the other items
 * @param line what it has for itself, as a line of the batch, with the line break
 * @param storedBytes what the line takes in the API server's database, as {@link StoredText} counts
 */
public record ItemDraft(ObjectNode task, Template template, String line, int storedBytes) {
    /**
     * What items must have in common to be in one batch.
     *
     * @param spec the field {@code template} of the batch
     * @param annotations of the batch
     */
    public record Template(JsonNode spec, JsonNode annotations) {}

    /** The Task for the answer of the call, once the batch is written. */
    public ObjectNode written(ItemName name, JsonNode batch) {
        ObjectNode metadata = task.withObjectProperty("metadata");
        metadata.set("creationTimestamp", batch.path("metadata").path("creationTimestamp"));
        metadata.withObjectProperty("annotations").put(GatewayAnnotations.KEY, name.toString());
        return task;
    }

    /** Without its contents: headers and body may be private. */
    @Override
    public String toString() {
        return "ItemDraft[...]";
    }
}
