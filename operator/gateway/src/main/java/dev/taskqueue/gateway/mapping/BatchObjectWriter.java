package dev.taskqueue.gateway.mapping;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Writes the TaskBatch for the items that calls have gathered. */
public final class BatchObjectWriter {
    private BatchObjectWriter() {}

    /**
     * Writes a TaskBatch.
     *
     * @param request identifies the write
     * @param lines of all items, each with its line break
     */
    public static ObjectNode write(
            String namespace, String queue, String name, String request, ItemDraft.Template template, String lines) {
        ObjectNode object = ObjectJson.object();
        object.put("apiVersion", "taskqueue.dev/v1beta1").put("kind", "TaskBatch");
        ObjectNode metadata = object.putObject("metadata").put("name", name).put("namespace", namespace);
        ObjectNode annotations = metadata.putObject("annotations").put(GatewayAnnotations.REQUEST, request);
        template.annotations().properties().forEach(field -> annotations.set(field.getKey(), field.getValue()));
        ObjectNode spec = object.putObject("spec");
        spec.putObject("queueRef").put("name", queue);
        spec.set("template", template.spec());
        spec.put("lines", lines);
        return object;
    }
}
