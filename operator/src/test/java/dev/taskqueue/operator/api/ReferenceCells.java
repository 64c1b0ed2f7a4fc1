package dev.taskqueue.operator.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.domain.Durations;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** The cells of a table of {@link ReferencePage}: they describe one field of the schema in words and in Markdown. */
final class ReferenceCells {
    /** A bound of this size or larger only says that the number fits its type. */
    private static final long UNBOUNDED = Integer.MAX_VALUE;

    private ReferenceCells() {}

    static boolean isRequired(JsonNode parent, String field) {
        return texts(parent.path("required")).contains(field);
    }

    static String fallback(JsonNode schema, boolean required) {
        if (required) {
            return "required";
        }
        JsonNode value = schema.path("default");
        if (value.isMissingNode()) {
            return "";
        }
        return code(value.isTextual() ? value.asText() : value.toString());
    }

    /** The description of the field, and the message of each rule that the API server evaluates. */
    static String meaning(JsonNode schema) {
        var text = new StringJoiner("<br>");
        text.add(escape(schema.path("description").asText()));
        for (JsonNode owner : List.of(schema, schema.path("additionalProperties"), items(schema))) {
            for (JsonNode rule : owner.path("x-kubernetes-validations")) {
                text.add("*Refused:* " + escape(rule.path("message").asText()) + ".");
            }
        }
        return text.toString();
    }

    static String bounds(JsonNode schema) {
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
            return "integer" + before(" ", range(schema, "minimum", "maximum", "")) + ", or string"
                    + before(" of ", range(schema, "minLength", "maxLength", " characters"));
        }
        if (schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
            return "any JSON value";
        }
        return switch (schema.path("type").asText()) {
            case "object" -> map(schema);
            case "array" -> list(schema);
            case "integer" -> "integer" + before(", ", range(schema, "minimum", "maximum", ""));
            case "string" -> string(schema);
            case String other -> other;
        };
    }

    private static String map(JsonNode schema) {
        if (!schema.has("additionalProperties")) {
            return "object";
        }
        return "map" + before(" of ", range(schema, "minProperties", "maxProperties", " entries")) + "; each "
                + bounds(schema.path("additionalProperties"));
    }

    private static String list(JsonNode schema) {
        String kind = switch (schema.path("x-kubernetes-list-type").asText()) {
            case "set" -> ", each once";
            case "map" -> ", one for each " + code(String.join(", ", texts(schema.path("x-kubernetes-list-map-keys"))));
            default -> "";
        };
        return "list" + before(" of ", range(schema, "minItems", "maxItems", " entries")) + kind + "; each "
                + bounds(schema.path("items"));
    }

    private static String string(JsonNode schema) {
        if (schema.has("enum")) {
            return texts(schema.path("enum")).stream().map(ReferenceCells::code).collect(Collectors.joining(" or "));
        }
        if (schema.path("format").asText().equals("date-time")) {
            return "time";
        }
        String pattern = schema.path("pattern").asText();
        if (pattern.equals(SpecTimeText.PATTERN)) {
            return "time";
        }
        if (pattern.equals(Durations.PATTERN)) {
            return "duration";
        }
        return "string" + before(", ", range(schema, "minLength", "maxLength", " characters"))
                + (pattern.isEmpty() ? "" : ", matches " + code(pattern));
    }

    private static String range(JsonNode schema, String least, String most, String unit) {
        JsonNode from = schema.path(least);
        JsonNode to = schema.path(most);
        if (to.isMissingNode() || to.asLong() >= UNBOUNDED) {
            return from.isMissingNode() ? "" : from.asText() + unit + " or more";
        }
        return (from.isMissingNode() ? "at most " : from.asText() + " to ") + to.asText() + unit;
    }

    private static JsonNode items(JsonNode schema) {
        JsonNode items = schema.path("items");
        // The fields of an object have their own rows, and so have their rules.
        return items.has("properties") ? items.path("none") : items;
    }

    private static String before(String separator, String text) {
        return text.isEmpty() ? "" : separator + text;
    }

    private static List<String> texts(JsonNode array) {
        return List.copyOf(StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList());
    }

    private static String code(String text) {
        return "`" + text.replace("|", "\\|") + "`";
    }

    private static String escape(String text) {
        return text.replace("<", "&lt;").replaceAll("([\\\\*_`~|])", "\\\\$1");
    }
}
