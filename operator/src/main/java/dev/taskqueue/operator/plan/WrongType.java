package dev.taskqueue.operator.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says what to write in the place of a value whose type the schema refuses. */
final class WrongType {
    /** A longer value is not repeated. */
    private static final int SHOWN = 60;

    private WrongType() {}

    static String sentence(JsonNode spec, JsonProcessingException wrong) {
        List<Reference> path = wrong instanceof JsonMappingException mapping ? mapping.getPath() : List.of();
        String field = path.stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName())
                .collect(Collectors.joining("", "spec", ""));
        Class<?> type = wrong instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
        JsonNode given = at(spec, path);
        if (type != null && type.isEnum() && wrong instanceof InvalidFormatException format) {
            return "%s is \"%s\", which is none of %s: write one of them."
                    .formatted(field, format.getValue(), Arrays.toString(type.getEnumConstants()));
        }
        return "%s is %s: %s.".formatted(field, described(given), advice(field, given, type));
    }

    private static String advice(String field, JsonNode given, @Nullable Class<?> type) {
        if (field.equals("spec.httpRequest.body") && given.isContainerNode()) {
            String text = given.toString();
            return "write it as a string, " + (text.length() <= SHOWN ? "'" + text + "'" : "in single quotes")
                    + ", or move it to httpRequest.json, which takes any JSON value";
        }
        if (type == String.class && given.isValueNode()) {
            return "write it in quotes, \"" + given.asText() + "\"";
        }
        if (given.isTextual() && type != null && isNumber(type)) {
            return "write a whole number without quotes";
        }
        return "write " + expected(type);
    }

    private static String expected(@Nullable Class<?> type) {
        if (type == null) {
            return "a value of another type";
        }
        if (type == String.class || type.isEnum()) {
            return "a string";
        }
        if (isNumber(type)) {
            return "a whole number";
        }
        if (type == IntOrString.class || type == Quantity.class) {
            return "a number or a string";
        }
        return Collection.class.isAssignableFrom(type) ? "a list" : "an object, fields with values";
    }

    private static boolean isNumber(Class<?> type) {
        return Number.class.isAssignableFrom(type) || type == int.class || type == long.class;
    }

    private static String described(JsonNode given) {
        return switch (given.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "a list";
            case STRING -> "a string";
            case NUMBER -> "the number " + given.asText();
            case BOOLEAN -> given.asText() + " without quotes";
            default -> "of a wrong type";
        };
    }

    private static JsonNode at(JsonNode spec, List<Reference> path) {
        JsonNode node = spec;
        for (Reference step : path) {
            node = step.getFieldName() == null ? node.path(step.getIndex()) : node.path(step.getFieldName());
        }
        return node;
    }
}
