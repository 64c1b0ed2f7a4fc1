package dev.taskqueue.operator.batch;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * How many bytes an object takes in the API server's database, nearly. It is written as JSON there, and some characters take six bytes: control
 * characters, and those that mean something in HTML or end a line in JavaScript. The client splits batches by the same rule ({@code BatchParts}).
 */
final class StoredSize {
    /** Of each character of ASCII. */
    private static final byte[] ASCII = ascii();

    private StoredSize() {}

    static int of(JsonNode object) {
        int size = 0;
        try (JsonParser parser = object.traverse()) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                // With the comma or the colon.
                size += switch (token) {
                    case FIELD_NAME -> text(parser.currentName()) + 3;
                    case VALUE_STRING -> text(parser.getText()) + 3;
                    case START_OBJECT, START_ARRAY, END_OBJECT, END_ARRAY -> 1;
                    default -> parser.getText().length() + 1;
                };
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return size;
    }

    /** Of a text without its quotation marks. */
    static int text(String text) {
        int size = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            size += c < ASCII.length ? ASCII[c] : other(c);
        }
        return size;
    }

    private static int other(char c) {
        return switch (c) {
            case '\u2028', '\u2029' -> 6;
            default -> c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        };
    }

    private static byte[] ascii() {
        byte[] sizes = new byte[0x80];
        Arrays.fill(sizes, 0, ' ', (byte) 6);
        Arrays.fill(sizes, ' ', sizes.length, (byte) 1);
        "\"\\\n\r\t".chars().forEach(c -> sizes[c] = 2);
        "<>&".chars().forEach(c -> sizes[c] = 6);
        return sizes;
    }
}
