package dev.taskqueue.gateway.failure;

/**
 * How long the texts of a failure may be. The API server repeats values of any length, and an answer over gRPC lies in trailers, of which clients read
 * 8 KiB: with more, the call would have no answer at all.
 */
final class SentenceRules {
    /** The sentence stands in the trailers twice, once escaped and once among the details. */
    static final int LONGEST = 1_500;

    static final int LONGEST_FIELD = 200;

    private static final String CUT = "...";
    /** A byte that must be escaped becomes three. */
    private static final int ESCAPED = 3;

    private SentenceRules() {}

    /** The text, or its beginning. */
    static String cut(String text, int longest) {
        int size = 0;
        for (int i = 0; i < text.length(); ) {
            int character = text.codePointAt(i);
            size += size(character);
            if (size > longest) {
                return text.substring(0, i) + CUT;
            }
            i += Character.charCount(character);
        }
        return text;
    }

    /** How many bytes a text has when it is escaped. */
    static int size(String text) {
        return text.codePoints().map(SentenceRules::size).sum();
    }

    private static int size(int character) {
        if (character >= ' ' && character <= '~' && character != '%') {
            return 1;
        }
        return ESCAPED * (character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4);
    }
}
