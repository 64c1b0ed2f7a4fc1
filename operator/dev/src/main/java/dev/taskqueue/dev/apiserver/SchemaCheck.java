package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.re2j.Pattern;
import dev.taskqueue.dev.apiserver.ApiFailure.Cause;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Checks one object against its OpenAPI schema, limited to the keywords that our CRDs use. The messages are those of an API server. */
final class SchemaCheck {
    private static final Map<String, Pattern> PATTERNS = new ConcurrentHashMap<>();
    private static final String INVALID = "FieldValueInvalid";
    private static final int SHOWN_AT_MOST = 200;
    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    private static final Pattern TIME_OF_DAY =
            Pattern.compile("([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})");

    private final List<Cause> causes = new ArrayList<>();

    /** @param before the object before the write; unchanged parts are not checked again */
    List<Cause> check(ObjectNode schema, ObjectNode object, @Nullable JsonNode before) {
        check(schema, object, before, "");
        return causes;
    }

    private void check(JsonNode schema, JsonNode value, @Nullable JsonNode before, String path) {
        if (value.equals(before)) {
            return;
        }
        Optional<String> wrongType = wrongType(schema, value);
        if (wrongType.isPresent()) {
            String shown = "Invalid value: \"" + typeOf(value) + "\": ";
            add(
                    "FieldValueTypeInvalid",
                    path,
                    shown + path + " in body must be of type " + wrongType.get() + ": \"" + typeOf(value) + "\"");
            return;
        }
        oneOf(schema, value, path);
        switch (value.getNodeType()) {
            case STRING -> text(schema, value.textValue(), path);
            case NUMBER -> number(schema, value, path);
            case OBJECT -> object(schema, value, before, path);
            case ARRAY -> list(schema, value, before, path);
            default -> {}
        }
    }

    private static Optional<String> wrongType(JsonNode schema, JsonNode value) {
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
            return value.isTextual() || value.isIntegralNumber() ? Optional.empty() : Optional.of("integer,string");
        }
        String wanted = schema.path("type").asText("");
        boolean right = switch (wanted) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "boolean" -> value.isBoolean();
            case "integer" -> isWhole(value);
            case "number" -> value.isNumber();
            default -> true;
        };
        return right ? Optional.empty() : Optional.of(wanted);
    }

    /** An API server reads 5.0 as 5. */
    private static boolean isWhole(JsonNode value) {
        return value.isNumber() && value.decimalValue().stripTrailingZeros().scale() <= 0;
    }

    private static String typeOf(JsonNode value) {
        return switch (value.getNodeType()) {
            case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
            default -> value.getNodeType().name().toLowerCase(Locale.ROOT);
        };
    }

    private void oneOf(JsonNode schema, JsonNode value, String path) {
        JsonNode allowed = schema.path("enum");
        if (allowed.isArray()
                && StreamSupport.stream(allowed.spliterator(), false).noneMatch(value::equals)) {
            String list = StreamSupport.stream(allowed.spliterator(), false)
                    .map(JsonNode::toString)
                    .collect(Collectors.joining(", "));
            add("FieldValueNotSupported", path, "Unsupported value: " + shown(value) + ": supported values: " + list);
        }
    }

    private void text(JsonNode schema, String text, String path) {
        // An API server counts characters here, not bytes.
        int length = text.codePointCount(0, text.length());
        if (length > schema.path("maxLength").asInt(Integer.MAX_VALUE)) {
            int limit = schema.path("maxLength").asInt();
            add("FieldValueTooLong", path, "Too long: may not be more than " + limit + " bytes");
            return;
        }
        if (length < schema.path("minLength").asInt(0)) {
            invalid(path, text, "should be at least " + schema.path("minLength") + " chars long");
        }
        String pattern = schema.path("pattern").asText("");
        if (!pattern.isEmpty()
                && !PATTERNS.computeIfAbsent(pattern, Pattern::compile)
                        .matcher(text)
                        .find()) {
            invalid(path, text, "should match '" + pattern + "'");
        }
        if (schema.path("format").asText("").equals("date-time") && !isTime(text)) {
            invalid(path, text, "must be of type date-time: \"" + cut(text) + "\"");
        }
    }

    /** Accepts the same times as an API server, which accepts more than RFC 3339. */
    private static boolean isTime(String text) {
        String[] parts = text.toLowerCase(Locale.ROOT).split("t", -1);
        if (parts.length < 2 || !DATE.matcher(parts[0]).matches()) {
            return false;
        }
        try {
            LocalDate.parse(parts[0]);
        } catch (DateTimeException wrong) {
            return false;
        }
        return TIME_OF_DAY.matcher(parts[1]).matches();
    }

    private void number(JsonNode schema, JsonNode value, String path) {
        JsonNode minimum = schema.path("minimum");
        if (minimum.isNumber() && value.decimalValue().compareTo(minimum.decimalValue()) < 0) {
            invalid(path, value, "should be greater than or equal to " + minimum);
        }
        JsonNode maximum = schema.path("maximum");
        if (maximum.isNumber() && value.decimalValue().compareTo(maximum.decimalValue()) > 0) {
            invalid(path, value, "should be less than or equal to " + maximum);
        }
        boolean fits = switch (schema.path("format").asText("")) {
            case "int32" -> value.canConvertToInt();
            case "int64" -> value.canConvertToLong();
            default -> true;
        };
        if (!fits) {
            invalid(path, value, "must be of type " + schema.path("format").asText());
        }
    }

    private void object(JsonNode schema, JsonNode value, @Nullable JsonNode before, String path) {
        tooMany(schema.path("maxProperties"), value, path);
        for (JsonNode required : schema.path("required")) {
            if (!value.has(required.asText())) {
                add("FieldValueRequired", inner(path, required.asText()), "Required value");
            }
        }
        JsonNode values = schema.path("additionalProperties");
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            JsonNode known =
                    values.isObject() ? values : schema.path("properties").path(field.getKey());
            JsonNode was = before == null ? null : before.get(field.getKey());
            check(known, field.getValue(), was, inner(path, field.getKey()));
        }
    }

    private void list(JsonNode schema, JsonNode value, @Nullable JsonNode before, String path) {
        tooMany(schema.path("maxItems"), value, path);
        int least = schema.path("minItems").asInt(0);
        if (value.size() < least) {
            add(
                    INVALID,
                    path,
                    "Invalid value: " + value.size() + ": " + path + " in body should have at least " + least
                            + " items");
        }
        duplicates(schema, value, path);
        for (int i = 0; i < value.size(); i++) {
            JsonNode was = before == null ? null : before.get(i);
            check(schema.path("items"), value.path(i), was, path + "[" + i + "]");
        }
    }

    private void duplicates(JsonNode schema, JsonNode value, String path) {
        String kind = schema.path("x-kubernetes-list-type").asText("");
        var seen = new HashSet<JsonNode>();
        int index = 0;
        for (JsonNode item : value) {
            JsonNode key = kind.equals("map") ? ListKeys.of(schema, item) : item;
            if (!kind.isEmpty() && !kind.equals("atomic") && !seen.add(key)) {
                add("FieldValueDuplicate", path + "[" + index + "]", "Duplicate value: " + shown(key));
            }
            index++;
        }
    }

    private void tooMany(JsonNode limit, JsonNode value, String path) {
        if (limit.isInt() && value.size() > limit.intValue()) {
            add("FieldValueTooMany", path, "Too many: " + value.size() + ": must have at most " + limit + " items");
        }
    }

    private void invalid(String path, Object value, String rest) {
        add(INVALID, path, "Invalid value: " + shown(value) + ": " + path + " in body " + rest);
    }

    private void add(String reason, String path, String message) {
        causes.add(new Cause(reason, path, message));
    }

    private static String shown(Object value) {
        return value instanceof String text ? "\"" + cut(text) + "\"" : cut(value.toString());
    }

    private static String cut(String text) {
        return text.length() <= SHOWN_AT_MOST ? text : text.substring(0, SHOWN_AT_MOST) + "...";
    }

    private static String inner(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
