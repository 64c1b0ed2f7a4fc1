package dev.taskqueue.operator.simulation.apiserver;

/** Reads resourceVersions. */
final class Versions {
    private Versions() {}

    /** Returns 0 if the text is empty. */
    static long parse(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException wrong) {
            throw RequestFailure.internal("strconv.ParseUint: parsing \"" + text + "\": invalid syntax");
        }
    }

    /** Does the same for a query parameter. */
    static long parseParameter(String text) {
        try {
            return parse(text);
        } catch (RequestFailure wrong) {
            throw RequestFailure.internal("resourceVersion: Invalid value: \"" + text + "\": " + wrong.getMessage());
        }
    }
}
