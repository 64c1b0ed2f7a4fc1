package dev.taskqueue.operator.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/**
 * Any JSON value but null, as compact text. A tree of the same value takes many times the memory. Its Jackson classes keep numbers exactly as they
 * are read.
 *
 * @param text the value without spaces between its tokens, its fields in the order in which they were read
 */
@JsonDeserialize(using = JsonText.Reader.class)
@JsonSerialize(using = JsonText.Writer.class)
public record JsonText(String text) {
    /** The API server allows thousands of levels. Code that visits a tree recursively does not stand that. */
    static final int MAX_DEPTH = 500;

    /** Has no bounds: the API server has its own, and a Task that cannot be read must not prevent that others are read. */
    public static final StreamReadConstraints UNBOUNDED = StreamReadConstraints.builder()
            .maxNestingDepth(Integer.MAX_VALUE)
            .maxNameLength(Integer.MAX_VALUE)
            .maxNumberLength(Integer.MAX_VALUE)
            .maxStringLength(Integer.MAX_VALUE)
            .build();

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(UNBOUNDED)
            .streamWriteConstraints(StreamWriteConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .build())
            .build();

    /** The compact text of any tree, however deep. */
    public static String compact(JsonNode tree) {
        try (JsonParser parser = tree.traverse()) {
            parser.nextToken();
            return copy(parser);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static String copy(JsonParser parser) throws IOException {
        var text = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(text)) {
            generator.copyCurrentStructureExact(parser);
        }
        return text.toString();
    }

    private static boolean isDeep(String text) throws IOException {
        int depth = 0;
        try (JsonParser parser = JSON.createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (depth > MAX_DEPTH) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Leaves the value out: it may be private, and what is printed ends in logs. */
    @Override
    public String toString() {
        return "JsonText[...]";
    }

    /** Reads any value. Jackson itself makes a null of null. */
    static final class Reader extends JsonDeserializer<JsonText> {
        @Override
        public JsonText deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            String text = copy(parser);
            if (isDeep(text)) {
                throw JsonMappingException.from(
                        parser,
                        "spec.httpRequest.json is nested more than " + MAX_DEPTH
                                + " levels deep; send it as text in spec.httpRequest.body");
            }
            return new JsonText(text);
        }
    }

    /** Writes the value, and not its text as a string. */
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
