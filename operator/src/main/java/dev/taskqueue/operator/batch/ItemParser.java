package dev.taskqueue.operator.batch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.taskqueue.operator.api.DeadLetterOf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one item from its JSON. A field that is null counts as absent, since programs write such fields. All other fields are read strictly. */
final class ItemParser {
    /** Of a number that the CRD takes. */
    private static final int MOST_DIGITS = 10;

    private static final int MAX_DEPTH = 1000;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final int SHOWN_NAME = 40;

    private final byte[] text;
    private final int start;
    private final int length;
    /** The fields that were there so far, a bit for each. */
    private final Set<Field> seen = EnumSet.noneOf(Field.class);

    private @Nullable String key;
    private @Nullable String path;
    private Map<String, String> headers = Map.of();
    private byte @Nullable [] body;
    private boolean isJson;
    private @Nullable String scheduleTime;
    private @Nullable String delay;
    private @Nullable DeadLetterOf deadLetterOf;

    private ItemParser(byte[] text, int start, int length) {
        this.text = text;
        this.start = start;
        this.length = length;
    }

    /** Reads the item that has this part of the text. */
    static Item parse(byte[] text, int start, int length) throws ItemFault {
        return new ItemParser(text, start, length).item();
    }

    private Item item() throws ItemFault {
        try (JsonParser parser = JSON.createParser(text, start, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new ItemFault("it is no JSON object: write one");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (parser.nextToken() != JsonToken.VALUE_NULL) {
                    read(name, parser);
                } else {
                    see(field(name), name);
                }
            }
            if (parser.nextToken() != null) {
                throw new ItemFault("it has more than one JSON value: write one on a line");
            }
        } catch (StreamConstraintsException tooDeep) {
            throw new ItemFault("it is nested more than " + MAX_DEPTH + " levels deep: flatten it");
        } catch (IOException noJson) {
            throw new ItemFault("it is no JSON: write one JSON object");
        }
        return new Item(key, path, headers, body, isJson, scheduleTime, delay, deadLetterOf);
    }

    /** The fields that there are. */
    private enum Field {
        KEY,
        PATH,
        HEADERS,
        BODY,
        BODY_BASE64,
        SCHEDULE_TIME,
        DELAY,
        DEAD_LETTER_OF
    }

    private static Field field(String name) throws ItemFault {
        return switch (name) {
            case "key" -> Field.KEY;
            case "path" -> Field.PATH;
            case "headers" -> Field.HEADERS;
            case "body" -> Field.BODY;
            case "bodyBase64" -> Field.BODY_BASE64;
            case "scheduleTime" -> Field.SCHEDULE_TIME;
            case "delay" -> Field.DELAY;
            case "deadLetterOf" -> Field.DEAD_LETTER_OF;
            default -> throw new ItemFault("there is no field " + shown(name) + ": remove it");
        };
    }

    private void see(Field field, String name) throws ItemFault {
        if (!seen.add(field)) {
            throw new ItemFault(name + " stands twice: keep one");
        }
    }

    private void read(String name, JsonParser parser) throws IOException, ItemFault {
        Field field = field(name);
        see(field, name);
        switch (field) {
            case KEY -> key = text(name, parser);
            case PATH -> path = text(name, parser);
            case HEADERS -> headers = headers(parser);
            case BODY -> readBody(parser);
            case BODY_BASE64 -> readBase64(parser);
            case SCHEDULE_TIME -> scheduleTime = text(name, parser);
            case DELAY -> delay = text(name, parser);
            case DEAD_LETTER_OF -> deadLetterOf = deadLetterOf(parser);
        }
    }

    private void checkOneBody() throws ItemFault {
        if (body != null) {
            throw new ItemFault("it has both body and bodyBase64: keep one");
        }
    }

    private static String text(String name, JsonParser parser) throws IOException, ItemFault {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw new ItemFault(name + " is no text: write it in quotation marks");
        }
        return parser.getText();
    }

    private static Map<String, String> headers(JsonParser parser) throws IOException, ItemFault {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw new ItemFault("headers is no object: write names and values");
        }
        var headers = new LinkedHashMap<String, String>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            if (headers.put(name, text("the value of header " + shown(name), parser)) != null) {
                throw new ItemFault("header " + shown(name) + " stands twice: keep one");
            }
        }
        return headers;
    }

    private void readBody(JsonParser parser) throws IOException, ItemFault {
        checkOneBody();
        JsonToken token = parser.currentToken();
        isJson = token != JsonToken.VALUE_STRING;
        if (token.isStructStart()) {
            int from = start + (int) parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
            int to = start + (int) parser.currentLocation().getByteOffset();
            body = Arrays.copyOfRange(text, from, to);
        } else {
            body = parser.getText().getBytes(StandardCharsets.UTF_8);
        }
    }

    private void readBase64(JsonParser parser) throws IOException, ItemFault {
        checkOneBody();
        try {
            body = Base64.getDecoder().decode(text("bodyBase64", parser));
        } catch (IllegalArgumentException wrong) {
            throw new ItemFault("bodyBase64 is no Base64 (RFC 4648, with padding): encode it anew");
        }
    }

    private static DeadLetterOf deadLetterOf(JsonParser parser) throws IOException, ItemFault {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw new ItemFault("deadLetterOf is no object: remove it");
        }
        var texts = new LinkedHashMap<String, String>();
        var numbers = new LinkedHashMap<String, Integer>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            if (parser.nextToken() == JsonToken.VALUE_NULL) {
                continue;
            }
            switch (name) {
                case "queue", "task", "uid", "reason" -> texts.put(name, text("deadLetterOf." + name, parser));
                case "attempts", "statusCode", "index" -> numbers.put(name, number("deadLetterOf." + name, parser));
                default -> throw new ItemFault("there is no field deadLetterOf." + shown(name) + ": remove it");
            }
        }
        return new DeadLetterOf(
                texts.get("queue"),
                texts.get("task"),
                texts.get("uid"),
                texts.get("reason"),
                numbers.get("attempts"),
                numbers.get("statusCode"),
                numbers.get("index"));
    }

    private static int number(String name, JsonParser parser) throws IOException, ItemFault {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
                || parser.getText().length() > MOST_DIGITS
                || parser.getLongValue() < 0
                || parser.getLongValue() > Integer.MAX_VALUE) {
            throw new ItemFault(name + " is no count: write a whole number");
        }
        return parser.getIntValue();
    }

    /** A name in a form that fits into a message. */
    private static String shown(String name) {
        String printable = name.replaceAll("[^ -~]", "?");
        return "\"" + (printable.length() <= SHOWN_NAME ? printable : printable.substring(0, SHOWN_NAME) + "...")
                + "\"";
    }
}
