package dev.taskqueue.operator.domain;

/** Words of people in one line, without characters that only control or format: one that turns the direction of the text would turn the message around it. */
public final class PlainLine {
    private PlainLine() {}

    public static String of(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Z}\\s]+", " ").strip();
    }
}
