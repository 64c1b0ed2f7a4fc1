package dev.taskqueue.operator.batch;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.taskqueue.operator.api.DeadLetterOf;
import dev.taskqueue.operator.task.TaskJson;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes an item as one line, as {@link ItemParser} reads it. */
final class ItemLine {
    private ItemLine() {}

    static String of(Item item) {
        var line = new StringWriter();
        try (JsonGenerator json = TaskJson.MAPPER.createGenerator(line)) {
            json.writeStartObject();
            write(json, "key", item.key());
            write(json, "path", item.path());
            if (!item.headers().isEmpty()) {
                json.writeObjectFieldStart("headers");
                for (Map.Entry<String, String> header : item.headers().entrySet()) {
                    json.writeStringField(header.getKey(), header.getValue());
                }
                json.writeEndObject();
            }
            if (item.body() != null) {
                writeBody(json, item.body(), item.isJson());
            }
            write(json, "scheduleTime", item.scheduleTime());
            write(json, "delay", item.delay());
            DeadLetterOf deadLetterOf = item.deadLetterOf();
            if (deadLetterOf != null) {
                json.writePOJOField("deadLetterOf", deadLetterOf);
            }
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return line.toString();
    }

    private static void writeBody(JsonGenerator json, byte[] body, boolean isJson) throws IOException {
        String text = text(body);
        if (text == null) {
            json.writeStringField("bodyBase64", Base64.getEncoder().encodeToString(body));
        } else if (isJson) {
            json.writeFieldName("body");
            json.writeRawValue(text);
        } else {
            json.writeStringField("body", text);
        }
    }

    /** Null if the bytes are no text. */
    private static @Nullable String text(byte[] body) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException binary) {
            return null;
        }
    }

    private static void write(JsonGenerator json, String field, @Nullable String value) throws IOException {
        if (value != null) {
            json.writeStringField(field, value);
        }
    }
}
