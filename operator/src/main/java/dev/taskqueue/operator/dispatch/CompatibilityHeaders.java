package dev.taskqueue.operator.dispatch;

/** The compatibility headers that handlers get; the names are the API's own ({@code headerFamilies}). */
public enum CompatibilityHeaders {
    /** What Cloud Tasks sends to HTTP targets. */
    CloudTasks("X-CloudTasks-"),
    /** What Cloud Tasks sends to App Engine targets. */
    AppEngine("X-AppEngine-");

    private final String prefix;

    CompatibilityHeaders(String prefix) {
        this.prefix = prefix;
    }

    String prefix() {
        return prefix;
    }
}
