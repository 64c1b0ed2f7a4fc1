package dev.taskqueue.operator.batch;

/** Shortens messages to the length that the CRD takes. */
final class MessageText {
    static final int MAX_LENGTH = 256;

    private static final String MORE = "...";

    private MessageText() {}

    static String cut(String message) {
        return cut(message, MAX_LENGTH);
    }

    static String cut(String message, int limit) {
        if (message.length() <= limit) {
            return message;
        }
        int end = limit - MORE.length();
        // Half of a pair is no character.
        return message.substring(0, Character.isHighSurrogate(message.charAt(end - 1)) ? end - 1 : end) + MORE;
    }
}
