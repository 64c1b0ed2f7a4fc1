package dev.taskqueue.operator.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.io.IOException;
import java.io.StringWriter;

/**
 * Any JSON value, as compact text. A tree of the same value would take many times the memory. Reading and writing need no recursion, so a value may
 * be nested as deeply as the API server allows.
 *
 * @param text the value without spaces between its tokens; fields in the order in which they were read
 */
@JsonDeserialize(using = JsonText.Reader.class)
@JsonSerialize(using = JsonText.Writer.class)
public record JsonText(String text) {
    /** The API server has its own bounds. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .streamWriteConstraints(StreamWriteConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .build())
            .build();

    /** Leaves the value out: it may be private, and what is printed ends in logs. */
    @Override
    public String toString() {
        return "JsonText[...]";
    }

    /** Reads any value but null. */
    static final class Reader extends JsonDeserializer<JsonText> {
        @Override
        public JsonText deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            var text = new StringWriter();
            try (JsonGenerator generator = JSON.createGenerator(text)) {
                generator.copyCurrentStructureExact(parser);
            }
            return new JsonText(text.toString());
        }
    }

    /** Writes the value, and not the text as a string. */
    static final class Writer extends JsonSerializer<JsonText> {
        @Override
        public void serialize(JsonText value, JsonGenerator generator, SerializerProvider provider) throws IOException {
            try (JsonParser parser = JSON.createParser(value.text())) {
                parser.nextToken();
                generator.copyCurrentStructureExact(parser);
            }
        }
    }
}
