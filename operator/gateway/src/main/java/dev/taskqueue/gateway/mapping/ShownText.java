package dev.taskqueue.gateway.mapping;

/** Text of a caller in the form in which an answer may repeat it: short, and without control characters. */
public final class ShownText {
    private static final int LONGEST = 200;

    private ShownText() {}

    /** The text, cut, with {@code ?} for characters that could break a line. */
    public static String text(String text) {
        String cut = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
