package dev.taskqueue.operator.testing;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.task.DocLinks;
import java.util.Map;
import java.util.TreeMap;

/** Reads the conditions of a status. */
public final class StatusConditions {
    private StatusConditions() {}

    /** The conditions of a status by type, such as {@code True Delivered}. */
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

    /** The same message without the link to a section of the pages. */
    public static String sentence(JsonNode status) {
        return DocLinks.withoutLink(message(status));
    }
}
