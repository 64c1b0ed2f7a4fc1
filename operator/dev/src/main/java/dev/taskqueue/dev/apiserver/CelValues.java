package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.values.NullValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;

/** Converts JSON to the values of CEL: maps, lists, 64-bit integers, doubles, strings, booleans. */
final class CelValues {
    private CelValues() {}

    /** An API server reads 5.0 as 5. */
    private static boolean isWhole(JsonNode number) {
        return number.canConvertToExactIntegral() && number.canConvertToLong();
    }

    static Object of(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> {
                var map = new LinkedHashMap<String, Object>();
                node.properties().forEach(field -> map.put(field.getKey(), of(field.getValue())));
                yield map;
            }
            case ARRAY -> {
                var list = new ArrayList<Object>();
                node.forEach(item -> list.add(of(item)));
                yield list;
            }
            case NUMBER ->
                node.isIntegralNumber() || isWhole(node) ? (Object) node.longValue() : (Object) node.doubleValue();
            case BOOLEAN -> node.booleanValue();
            case STRING -> node.textValue();
            default -> NullValue.NULL_VALUE;
        };
    }
}
