package dev.taskqueue.gateway.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.google.protobuf.Descriptors.Descriptor;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.ShownText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;

/**
 * Refuses a body that two readers could read differently: a name that stands twice in an object, or a second value behind the first. The parser of
 * messages takes the last name and the first value, and says nothing. {@link JsonTimeRules} looks at times.
 */
final class JsonBodyRules {
    /** As lenient as the parser of messages. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private JsonBodyRules() {}

    /**
     * Reads the body, and keeps nothing of it.
     *
     * @param type what the body is
     * @param place the field of the request that the body is; empty for the whole request
     */
    static void check(String body, Descriptor type, String place) {
        checkForm(body);
        try (JsonParser json = JSON.createParser(body)) {
            JsonTimeRules.check(json, type, place);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static void checkForm(String body) {
        var open = new ArrayDeque<Set<String>>();
        try (JsonParser json = JSON.createParser(body)) {
            json.nextToken();
            if (json.currentToken() == JsonToken.START_OBJECT) {
                object(json, open);
            }
            json.skipChildren();
            if (json.nextToken() != null) {
                throw invalid("There is more behind the end of the value.");
            }
        } catch (JsonProcessingException noJson) {
            throw invalid(noJson.getOriginalMessage());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static void object(JsonParser json, ArrayDeque<Set<String>> open) throws IOException {
        open.push(new HashSet<>());
        while (!open.isEmpty()) {
            switch (json.nextToken()) {
                case START_OBJECT -> open.push(new HashSet<>());
                case END_OBJECT -> open.pop();
                case FIELD_NAME -> {
                    if (!open.element().add(json.currentName())) {
                        throw invalid("The field \"" + json.currentName() + "\" stands twice in one object.");
                    }
                }
                default -> {
                    // Values say nothing here.
                }
            }
        }
    }

    private static RpcFailure invalid(String why) {
        return RpcFailure.invalid("body", "Invalid JSON payload received. " + ShownText.text(why));
    }
}
