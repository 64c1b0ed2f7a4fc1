package dev.taskqueue.operator.oracle;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Reads the lines of a TaskBatch. A body is text then: what is no text in the line is sent as it stands there. */
final class ItemLines {
    private ItemLines() {}

    static JsonNode read(String line) {
        JsonNode item = BatchModel.json(line);
        JsonNode body = item.path("body");
        if (item instanceof ObjectNode object && !body.isTextual() && !body.isMissingNode()) {
            object.put("body", raw(line));
        }
        return item;
    }

    private static String raw(String line) {
        try (JsonParser parser = BatchModel.JSON.createParser(line)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isBody = parser.currentName().equals("body");
                parser.nextToken();
                int from = (int) parser.currentTokenLocation().getCharOffset();
                parser.skipChildren();
                // A number is read as far as its text is asked for.
                parser.getText();
                if (isBody) {
                    return line.substring(from, (int) parser.currentLocation().getCharOffset());
                }
            }
            throw new IllegalArgumentException("no body: " + line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
