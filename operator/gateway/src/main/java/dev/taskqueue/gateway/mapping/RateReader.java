package dev.taskqueue.gateway.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Quantity;

/** RateReader of TaskQueues: numbers, or quantities such as {@code 500m}. */
final class RateReader {
    private RateReader() {}

    /** The rate per second; 0 for a quantity that nobody can read, which the API server refuses anyway. */
    static double read(JsonNode rate) {
        if (rate.isNumber()) {
            return rate.asDouble();
        }
        try {
            return Quantity.getAmountInBytes(Quantity.parse(rate.asText())).doubleValue();
        } catch (IllegalArgumentException | ArithmeticException unreadable) {
            return 0;
        }
    }
}
