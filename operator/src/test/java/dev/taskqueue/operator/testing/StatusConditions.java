package dev.taskqueue.operator.testing;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.task.DocLinks;
import java.util.Map;
import java.util.TreeMap;

/** Reads what the conditions of a status tell. */
public final class StatusConditions {
    private StatusConditions() {}

    /** The conditions of a status: {@code True Delivered} by type. */
    public static Map<String, String> conditions(JsonNode status) {
        var conditions = new TreeMap<String, String>();
        for (JsonNode condition : status.path("conditions")) {
            conditions.put(
                    condition.path("type").asText(),
                    condition.path("status").asText() + " "
                            + condition.path("reason").asText());
        }
        return conditions;
    }

    /** The message of condition Succeeded. */
    public static String message(JsonNode status) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText().equals("Succeeded")) {
                return condition.path("message").asText();
            }
        }
        return "";
    }

    /** The same without the section that it names. */
    public static String sentence(JsonNode status) {
        return DocLinks.withoutLink(message(status));
    }
}
