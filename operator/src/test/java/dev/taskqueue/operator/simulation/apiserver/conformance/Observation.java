package dev.taskqueue.operator.simulation.apiserver.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes answers of two servers comparable, as text: fields are sorted, and values that each server chooses are named by the order in which they appear
 * in a scene ({@code v1} for the first resourceVersion, {@code uid1} for the first uid). So it still shows which of them are equal.
 */
final class Observation {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern TIME = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z");
    private static final Pattern ADDRESS = Pattern.compile("(127\\.20|10\\.96)\\.[0-9]+\\.[0-9]+");
    private static final Pattern STORAGE_ERROR = Pattern.compile("StorageError: .*AdditionalErrorMsg: ");
    private static final Pattern GENERATED = Pattern.compile("job-[a-z0-9]{5}\\b");
    private static final Pattern CONTINUE = Pattern.compile("continue=[A-Za-z0-9_-]+");
    /** Versions are small numbers, so only those in quotes, in brackets and in queries are recognised. */
    private static final String BEFORE_VALUE = "(?<=['\"(= ])";

    private static final String AFTER_VALUE = "(?=['\")&,. ]|$)";
    /** Words of these messages are not compared, because the simulated server says less. */
    private static final List<Integer> WORDY_CODES = List.of(400, 406, 410, 415, 422, 504);

    private final Map<String, String> names = new LinkedHashMap<>();
    private int versions;
    private int uids;

    /** Text of an answer: the code and the body. */
    String of(int code, byte[] body) {
        JsonNode json = json(body);
        return code + (json == null ? "" : " " + comparable(json));
    }

    static @Nullable JsonNode json(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            return null; // The real server answers some requests in plain text.
        }
    }

    String comparable(JsonNode json) {
        boolean isList = json.path("kind").asText().endsWith("List");
        return switch (json) {
            case ObjectNode object when object.path("kind").asText().equals("Status") -> status(object);
            case ObjectNode object when isList -> fields(listMetadata(object));
            case ObjectNode object -> fields(object);
            case ArrayNode array -> {
                var items = new ArrayList<String>();
                array.forEach(item -> items.add(comparable(item)));
                yield items.toString();
            }
            default -> json.isTextual() ? text(json.textValue()) : json.toString();
        };
    }

    /** The version of a list may be that of a later change of something else. */
    private static ObjectNode listMetadata(ObjectNode list) {
        ObjectNode copy = list.deepCopy();
        ObjectNode metadata = (ObjectNode) copy.path("metadata");
        metadata.remove("resourceVersion");
        if (metadata.path("continue").asText().isEmpty()) {
            metadata.remove("continue");
        } else {
            metadata.put("continue", "...");
        }
        if (copy.path("items").isNull()) {
            copy.putArray("items");
        }
        return copy;
    }

    private String status(ObjectNode status) {
        int code = status.path("code").asInt();
        var parts = new ArrayList<String>();
        parts.add(status.path("status").asText() + " " + status.path("reason").asText());
        if (!WORDY_CODES.contains(code) && status.has("message")) {
            parts.add(
                    text(STORAGE_ERROR.matcher(status.path("message").asText()).replaceAll("")));
        }
        JsonNode details = status.path("details");
        for (String field : List.of("name", "group", "kind", "uid")) {
            if (details.has(field)) {
                String value = details.path(field).asText();
                parts.add(field + "=" + (field.equals("uid") ? named(value, "uid") : text(value)));
            }
        }
        for (JsonNode cause : details.path("causes")) {
            String one =
                    cause.path("field").asText() + " " + cause.path("reason").asText();
            // The real server checks metadata of custom objects twice, and says when it skips further rules.
            if (!parts.contains(one) && !cause.path("field").asText().equals("<nil>")) {
                parts.add(one);
            }
        }
        return parts.toString();
    }

    private String fields(ObjectNode object) {
        Map<String, String> sorted = new TreeMap<>();
        for (String name :
                new TreeSet<>(object.propertyStream().map(Map.Entry::getKey).toList())) {
            JsonNode value = object.path(name);
            sorted.put(
                    name,
                    switch (name) {
                        case "resourceVersion" -> named(value.asText(), "v");
                        case "uid" -> named(value.asText(), "uid");
                        case "managedFields" -> managers(value);
                        case "token" -> "...";
                        default -> comparable(value);
                    });
        }
        sorted.remove("boundObjectRef");
        if (object.path("kind").asText().equals("TokenRequest")) {
            sorted.remove("metadata");
        }
        return sorted.toString();
    }

    private String managers(JsonNode entries) {
        var managers = new ArrayList<String>();
        for (JsonNode entry : entries) {
            managers.add(entry.path("manager").asText() + ":"
                    + entry.path("operation").asText()
                    + (entry.has("subresource")
                            ? "/" + entry.path("subresource").asText()
                            : ""));
        }
        managers.sort(null);
        return managers.toString();
    }

    private String named(String value, String prefix) {
        return names.computeIfAbsent(value, missing -> prefix + (prefix.equals("v") ? ++versions : ++uids));
    }

    /** A text with the names of the values in it. */
    String text(String value) {
        String text = value;
        for (Map.Entry<String, String> name : names.entrySet()) {
            text = text.replaceAll(BEFORE_VALUE + Pattern.quote(name.getKey()) + AFTER_VALUE, name.getValue());
        }
        // The default of a condition is a fixed time, which is compared.
        String timeless = text.startsWith("1970") ? text : TIME.matcher(text).replaceAll("TIME");
        String placeless = ADDRESS.matcher(timeless).replaceAll("ADDRESS");
        String endless = CONTINUE.matcher(placeless).replaceAll("continue=...");
        return GENERATED.matcher(endless).replaceAll("job-NAME");
    }
}
