package dev.taskqueue.operator.dispatch;

import java.util.List;

/**
 * The values that a recorded answer must not show, although the worker may send them back: the caller's token, and
 * headers and a body from Secrets.
 *
 * @param values as they are sent
 */
public record RecordedSecrets(List<String> values) {
    /** No more than the beginning of a value can be in what is recorded. */
    public static final int LONGEST = 8 * 1024;

    /** A shorter value would hide parts of many words. */
    private static final int MIN_LENGTH = 4;

    /** A longer value is also recognised by its beginning: the worker, or the end of the snippet, may have cut it. */
    private static final int BEGINNING = 8;

    private static final String HIDDEN = "***";

    public RecordedSecrets {
        values = List.copyOf(values);
    }

    /** The text without these values. */
    String hidden(String text) {
        String shown = text;
        for (String value : values) {
            if (value.length() >= MIN_LENGTH) {
                shown = hidden(shown, value);
            }
        }
        return shown;
    }

    private static String hidden(String text, String value) {
        String beginning = value.substring(0, Math.min(BEGINNING, value.length()));
        var shown = new StringBuilder();
        int from = 0;
        for (int at = text.indexOf(beginning); at >= 0; at = text.indexOf(beginning, from)) {
            shown.append(text, from, at).append(HIDDEN);
            from = at + commonLength(text, at, value);
        }
        return shown.append(text, from, text.length()).toString();
    }

    private static int commonLength(String text, int at, String value) {
        int length = 0;
        while (length < value.length()
                && at + length < text.length()
                && text.charAt(at + length) == value.charAt(length)) {
            length++;
        }
        return length;
    }

    @Override
    public String toString() {
        return "RecordedSecrets[***]";
    }
}
