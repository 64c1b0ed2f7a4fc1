package dev.taskqueue.operator.simulation.apiserver;

/** Reads resourceVersions. */
final class Versions {
    private Versions() {}

    /** @return 0 if the text is empty */
    static long parse(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException wrong) {
            throw RequestFailure.internal("resourceVersion: Invalid value: \"" + text + "\": invalid syntax");
        }
    }
}
