package dev.taskqueue.client;

/** How many bytes a text takes in the API server's database, where it is a JSON string. */
public final class StoredText {
    private StoredText() {}

    /** Control characters, and those that mean something in HTML or end a line in JavaScript, take six bytes. */
    public static int bytes(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            bytes += switch (c) {
                case '"', '\\', '\n', '\r', '\t' -> 2;
                case '<', '>', '&', '\u2028', '\u2029' -> 6;
                default -> c < ' ' ? 6 : c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
            };
        }
        return bytes;
    }
}
