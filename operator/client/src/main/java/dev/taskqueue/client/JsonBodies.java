package dev.taskqueue.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.math.BigDecimal;

/** Writes bodies as JSON, and knows which JSON values an API server stores without a change. */
final class JsonBodies {
    private static final int MAX_BYTES = 262_144;
    private static final JsonMapper JSON = JsonMapper.builder()
            .findAndAddModules()
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    private JsonBodies() {}

    /** @throws IllegalArgumentException where Jackson cannot write the value */
    static JsonNode tree(Object value) {
        try {
            return JSON.valueToTree(value);
        } catch (IllegalArgumentException e) {
            throw unwritable(value, e);
        }
    }

    /** Compact. */
    static String text(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw unwritable(value, e);
        }
    }

    private static IllegalArgumentException unwritable(Object value, Exception cause) {
        return new IllegalArgumentException(
                "A " + value.getClass().getName() + " cannot be written as JSON: give Jackson what it needs.", cause);
    }

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
