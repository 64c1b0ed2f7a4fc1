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
 * Reads keys of Secrets and ConfigMaps for one preparation, each object once however many of its keys are wanted. Make a new one for the
 * next: what is read here is kept nowhere else. Of an answer that cannot be read no word is told, because it may be a secret.
 */
final class KeyReader {
    /** What the API server takes for a name: with anything else in its place the path would lead elsewhere. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]*[a-z0-9])?");

    private final ApiClient api;
    private final Map<Obstacle.Subject, Reading> readings = new HashMap<>();

    KeyReader(ApiClient api) {
        this.api = api;
    }

    /** What a key holds. */
    sealed interface Value {
        /** Its text form does not show the content. */
        @SuppressWarnings("ArrayRecordComponent") // read once, never compared
        record Found(byte[] content) implements Value {
            @Override
            public String toString() {
                return "Found[***]";
            }
        }

        /** Something must change first. */
        record Missing(Obstacle obstacle) implements Value {}
    }

    /** An object as the API server has it, or did not hand out. */
    private record Reading(int code, @Nullable JsonNode object) {
        /** Neither an answer nor a part of one. */
        static final int NONE = 0;
    }

    Value read(KeyReference source) {
        Reading reading = readings.computeIfAbsent(
                new Obstacle.Subject(source.kind(), source.namespace(), source.name()), subject -> get(source));
        JsonNode object = reading.object();
        if (object == null) {
            return new Value.Missing(
                    switch (reading.code()) {
                        case 404 -> source.missing();
                        case 403 -> source.forbidden();
                        case Reading.NONE -> source.unreadable("no answer");
                        default -> source.unreadable("HTTP " + reading.code());
                    });
        }
        try {
            return content(source, object)
                    .<Value>map(Value.Found::new)
                    .orElseGet(() -> new Value.Missing(source.withoutKey()));
        } catch (IllegalArgumentException noBase64) {
            return new Value.Missing(source.unreadable("an answer that makes no sense"));
        }
    }

    private Reading get(KeyReference source) {
        if (!NAME.matcher(source.name()).matches()) {
            return new Reading(404, null);
        }
        try {
            ApiReply reply = api.getCore(source.plural(), source.namespace(), source.name());
            return new Reading(reply.code(), reply.isSuccess() ? TaskJson.tree(reply.body()) : null);
        } catch (IOException failure) {
            return new Reading(Reading.NONE, null);
        }
    }

    /** A Secret's data are all Base64; of a ConfigMap's, only what is no text. */
    private static Optional<byte[]> content(KeyReference source, JsonNode object) {
        JsonNode data = object.path("data").path(source.key());
        if (source.kind() == Obstacle.Kind.ConfigMap) {
            JsonNode binary = object.path("binaryData").path(source.key());
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
