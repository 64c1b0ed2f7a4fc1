package dev.taskqueue.operator.ops;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.List;
import org.slf4j.event.KeyValuePair;

/**
 * The message of an event and its key-value pairs on one line. Control characters are escaped, so that nothing in a message can make a second line, or
 * change the terminal of who reads it. {@code logback.xml} names it.
 */
public final class EscapedLineConverter extends ClassicConverter {
    @Override
    public String convert(ILoggingEvent event) {
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs == null || pairs.isEmpty()) {
            return escaped(event.getFormattedMessage());
        }
        var line = new StringBuilder(event.getFormattedMessage());
        for (KeyValuePair pair : pairs) {
            line.append(' ').append(pair.key).append('=').append(pair.value);
        }
        return escaped(line.toString());
    }

    /** The same text with each control character as a Unicode escape of Java. */
    static String escaped(String text) {
        int first = 0;
        while (first < text.length() && !isControl(text.charAt(first))) {
            first++;
        }
        if (first == text.length()) {
            return text;
        }
        var line = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isControl(c)) {
                line.append("\\u%04x".formatted((int) c));
            } else {
                line.append(c);
            }
        }
        return line.toString();
    }

    /** Control characters, line separators, and those that change the direction of a text. */
    private static boolean isControl(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
