package dev.taskqueue.gateway.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Timestamp;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.ShownText;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Refuses times that there are not, such as the 30th of February. The parser of messages takes them for another day or hour. */
final class JsonTimeRules {
    private static final Pattern FORM = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})");

    private JsonTimeRules() {}

    /**
     * Reads a body that is known to be JSON.
     *
     * @param type what the body is
     * @param place the field of the request that the body is; empty for the whole request
     */
    static void check(JsonParser json, Descriptor type, String place) throws IOException {
        if (json.nextToken() == JsonToken.START_OBJECT) {
            object(json, type, place);
        }
    }

    private static void object(JsonParser json, Descriptor type, String place) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            FieldDescriptor field = find(type, json.currentName());
            JsonToken value = json.nextToken();
            if (field == null || !isMessage(field)) {
                json.skipChildren();
                continue;
            }
            Descriptor message = field.getMessageType();
            String path = place.isEmpty() ? field.getName() : place + "." + field.getName();
            if (value == JsonToken.START_OBJECT) {
                object(json, message, path);
            } else if (value == JsonToken.VALUE_STRING && message.equals(Timestamp.getDescriptor())) {
                time(json.getText(), path);
            } else {
                json.skipChildren();
            }
        }
    }

    /** Whether it holds one message. A map is repeated, too. */
    private static boolean isMessage(FieldDescriptor field) {
        return !field.isRepeated() && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
    }

    private static @Nullable FieldDescriptor find(Descriptor type, String name) {
        return type.getFields().stream()
                .filter(field ->
                        field.getName().equals(name) || field.getJsonName().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static void time(String text, String field) {
        if (!isTime(text)) {
            throw RpcFailure.invalid(
                    field,
                    "Invalid JSON payload received. Invalid value at '" + field + "': \"" + ShownText.text(text)
                            + "\" is no time such as 2026-11-21T09:00:00Z.");
        }
    }

    private static boolean isTime(String text) {
        try {
            return FORM.matcher(text).matches() && OffsetDateTime.parse(text).getYear() > 0;
        } catch (DateTimeException noTime) {
            return false;
        }
    }
}
