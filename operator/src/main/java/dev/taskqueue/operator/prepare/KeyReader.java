package dev.taskqueue.operator.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.kube.ApiReply;
import dev.taskqueue.operator.task.TaskJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads keys of Secrets and ConfigMaps for one preparation. It reads each object once, even if several of its keys are needed. Each preparation makes
 * a new reader, because nothing else may keep the contents. An answer that cannot be parsed is never quoted, because it may be a secret.
 */
final class KeyReader {
    /** The names that the API server accepts. Anything else could turn the request's path into another one. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]*[a-z0-9])?");

    private final ApiClient api;
    private final Map<Obstacle.Subject, Reading> readings = new HashMap<>();

    KeyReader(ApiClient api) {
        this.api = api;
    }

    /** The result of reading a key. */
    sealed interface Value {
        /** The content. Its text form does not show it. */
        @SuppressWarnings("ArrayRecordComponent") // read once, never compared
        record Found(byte[] content) implements Value {
            @Override
            public String toString() {
                return "Found[***]";
            }
        }

        /** The key cannot be used until something changes. */
        record Missing(Obstacle obstacle) implements Value {}
    }

    /** The answer for one object. */
    private record Reading(int code, @Nullable JsonNode object) {
        /** The code of a request without a complete answer. */
        static final int NONE = 0;
    }

    Value read(KeyReference key) {
        Reading reading = readings.computeIfAbsent(
                new Obstacle.Subject(key.kind(), key.namespace(), key.name()), subject -> get(key));
        JsonNode object = reading.object();
        if (object == null) {
            return new Value.Missing(
                    switch (reading.code()) {
                        case 404 -> key.missing();
                        case 403 -> key.forbidden();
                        case Reading.NONE -> key.unreadable("no answer");
                        default -> key.unreadable("HTTP " + reading.code());
                    });
        }
        try {
            return content(key, object)
                    .<Value>map(Value.Found::new)
                    .orElseGet(() -> new Value.Missing(key.withoutKey()));
        } catch (IllegalArgumentException noBase64) {
            return new Value.Missing(key.unreadable("an answer that makes no sense"));
        }
    }

    private Reading get(KeyReference key) {
        if (!NAME.matcher(key.name()).matches()) {
            return new Reading(404, null);
        }
        try {
            ApiReply reply = api.getCore(key.plural(), key.namespace(), key.name());
            return new Reading(reply.code(), reply.isSuccess() ? TaskJson.tree(reply.body()) : null);
        } catch (IOException failure) {
            return new Reading(Reading.NONE, null);
        }
    }

    /** All data of a Secret are Base64. In a ConfigMap only {@code binaryData} is. */
    private static Optional<byte[]> content(KeyReference key, JsonNode object) {
        JsonNode data = object.path("data").path(key.key());
        if (key.kind() == Obstacle.Kind.ConfigMap) {
            JsonNode binary = object.path("binaryData").path(key.key());
            return data.isTextual()
                    ? Optional.of(data.textValue().getBytes(StandardCharsets.UTF_8))
                    : Optional.of(binary).filter(JsonNode::isTextual).map(KeyReader::decode);
        }
        return Optional.of(data).filter(JsonNode::isTextual).map(KeyReader::decode);
    }

    private static byte[] decode(JsonNode base64) {
        return Base64.getDecoder().decode(base64.textValue());
    }
}
