package dev.taskqueue.gateway.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.client.StoredText;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Writes a Task as an item of a TaskBatch: its own part as a line, and the rest as the template of the batch. */
final class ItemWriter {
    /** What each item has for itself; all else of a request is the template's. */
    private static final List<String> OWN = List.of("path", "headers", "body", "bodyBase64");

    /** All bytes of a batch but its lines are few; an email is the only text among them that has no other bound. */
    private static final int LONGEST_EMAIL = 1_024;

    private ItemWriter() {}

    /**
     * Writes the item; absent if an item cannot carry the Task.
     *
     * @param task without a name
     * @param latest the last time at which an item may be due
     */
    static Optional<ItemDraft> write(ObjectNode task, Instant latest) {
        JsonNode spec = task.path("spec");
        JsonNode given = task.path("metadata").path("annotations");
        if (!ItemRules.fits(spec, latest)
                || ObjectJson.text(given, GatewayAnnotations.OIDC_EMAIL).length() > LONGEST_EMAIL) {
            return Optional.empty();
        }
        JsonNode request = spec.path("httpRequest");
        ObjectNode item = ObjectJson.object();
        ObjectNode common = ObjectJson.object();
        request.properties()
                .forEach(field -> (OWN.contains(field.getKey()) ? item : common).set(field.getKey(), field.getValue()));
        copy(spec, "scheduleTime", item);
        ObjectNode template = ObjectJson.object();
        copy(spec, "dispatchDeadline", template);
        template.set("httpRequest", common);
        // No line break stands in JSON that is written without white space.
        String line = ObjectJson.line(item) + "\n";
        return Optional.of(new ItemDraft(
                task,
                new ItemDraft.Template(template, annotations(given, ObjectJson.text(request, "path"))),
                line,
                StoredText.bytes(line)));
    }

    private static void copy(JsonNode from, String field, ObjectNode to) {
        if (from.has(field)) {
            to.set(field, from.path(field));
        }
    }

    /** A url that does not end with the item's path is not kept: GetTask then shows that of the Service. */
    private static ObjectNode annotations(JsonNode given, String path) {
        ObjectNode kept = ObjectJson.object();
        copy(given, GatewayAnnotations.OIDC_EMAIL, kept);
        copy(given, GatewayAnnotations.APP_ENGINE, kept);
        String url = ObjectJson.text(given, GatewayAnnotations.URL);
        if (url.endsWith(path)) {
            kept.put(GatewayAnnotations.URL_PREFIX, url.substring(0, url.length() - path.length()));
        }
        return kept;
    }
}
