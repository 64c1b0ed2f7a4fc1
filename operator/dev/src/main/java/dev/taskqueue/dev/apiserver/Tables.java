package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.dev.apiserver.Request.Form;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Collectors;

/** Shows objects in the requested form: whole, as metadata alone, or as rows of a table, which {@code kubectl get} prints. */
final class Tables {
    private static final String META = "meta.k8s.io/v1";

    private final InstantSource clock;

    Tables(InstantSource clock) {
        this.clock = clock;
    }

    /** @param includeObject {@code Object}, {@code None}; with any other value each row has the metadata */
    ObjectNode one(ResourceType type, ObjectNode object, Form form, String includeObject) {
        return switch (form) {
            case OBJECT -> object;
            case METADATA -> metadata(object);
            case TABLE -> {
                ObjectNode table = table(type, List.of(object), includeObject);
                table.withObject("/metadata").put("resourceVersion", Metadata.version(object));
                yield table;
            }
        };
    }

    ObjectNode list(ResourceType type, Store.Page page, String continuation, Form form, String includeObject) {
        ObjectNode list = switch (form) {
            case TABLE -> table(type, page.objects(), includeObject);
            case METADATA -> {
                ObjectNode metadata =
                        Json.object().put("kind", "PartialObjectMetadataList").put("apiVersion", META);
                ArrayNode items = metadata.putArray("items");
                page.objects().forEach(object -> items.add(metadata(object)));
                yield metadata;
            }
            case OBJECT -> {
                ObjectNode whole =
                        Json.object().put("kind", type.kind() + "List").put("apiVersion", type.apiVersion());
                whole.putArray("items").addAll(page.objects());
                yield whole;
            }
        };
        ObjectNode metadata = list.withObject("/metadata").put("resourceVersion", Long.toString(page.version()));
        if (!continuation.isEmpty()) {
            metadata.put("continue", continuation).put("remainingItemCount", page.remaining());
        }
        return list;
    }

    private static ObjectNode metadata(ObjectNode object) {
        ObjectNode partial = Json.object().put("kind", "PartialObjectMetadata").put("apiVersion", META);
        partial.set("metadata", object.path("metadata"));
        return partial;
    }

    private ObjectNode table(ResourceType type, List<ObjectNode> objects, String includeObject) {
        ObjectNode table = Json.object().put("kind", "Table").put("apiVersion", META);
        table.putObject("metadata");
        ArrayNode columns = table.putArray("columnDefinitions");
        column(columns, "Name", "string", "name", "The object's name", false);
        for (ResourceType.Column column : type.columns()) {
            // Times are shown as ages, in words.
            String told = column.type().equals("date") ? "string" : column.type();
            column(columns, column.name(), told, "", column.description(), column.wide());
        }
        ArrayNode rows = table.putArray("rows");
        for (ObjectNode object : objects) {
            ObjectNode row = rows.addObject();
            ArrayNode cells = row.putArray("cells");
            cells.add(Metadata.name(object));
            type.columns().forEach(column -> cell(cells, column, object));
            switch (includeObject) {
                case "None" -> {}
                case "Object" -> row.set("object", object);
                default -> row.set("object", metadata(object));
            }
        }
        return table;
    }

    private static void column(
            ArrayNode columns, String name, String type, String format, String description, boolean wide) {
        columns.addObject()
                .put("name", name)
                .put("type", type)
                .put("format", format)
                .put("description", description)
                .put("priority", wide ? 1 : 0);
    }

    private void cell(ArrayNode cells, ResourceType.Column column, ObjectNode object) {
        List<JsonNode> found = column.path().all(object);
        if (found.isEmpty()) {
            cells.addNull();
            return;
        }
        switch (column.type()) {
            case "date" -> cells.add(age(found.getFirst().asText()));
            case "integer" -> cells.add(found.getFirst().asLong());
            case "string" -> cells.add(found.stream().map(JsonNode::asText).collect(Collectors.joining(",")));
            default -> cells.add(found.getFirst());
        }
    }

    private String age(String time) {
        try {
            return Ages.of(Duration.between(Instant.parse(time), clock.instant()));
        } catch (DateTimeException wrong) {
            return "<unknown>";
        }
    }
}
