package dev.taskqueue.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;

/** Knows which JSON values an API server stores without a change. */
final class JsonBodies {
    private static final int MAX_BYTES = 262_144;

    private JsonBodies() {}

    /**
     * Whether a Task can hold this value as {@code json}.
     *
     * @param text the same value as compact text
     */
    static boolean isKept(JsonNode value, String text) {
        return !value.isNull() && text.getBytes(UTF_8).length <= MAX_BYTES && hasOnlyKeptNumbers(value);
    }

    private static boolean hasOnlyKeptNumbers(JsonNode value) {
        if (value.isIntegralNumber()) {
            return value.canConvertToLong();
        }
        if (value.isBigDecimal()) {
            double stored = value.doubleValue();
            return Double.isFinite(stored) && BigDecimal.valueOf(stored).compareTo(value.decimalValue()) == 0;
        }
        if (value.isNumber()) {
            return Double.isFinite(value.doubleValue());
        }
        for (JsonNode inner : value) {
            if (!hasOnlyKeptNumbers(inner)) {
                return false;
            }
        }
        return true;
    }
}
