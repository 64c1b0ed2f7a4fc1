package dev.taskqueue.operator.dispatch;

/** The families of compatibility headers that handlers get. Their names are those of the API ({@code headerFamilies}). */
public enum CompatibilityHeaders {
    /** The headers that Cloud Tasks sends to HTTP targets. */
    CloudTasks("X-CloudTasks-"),
    /** The headers that Cloud Tasks sends to App Engine targets. */
    AppEngine("X-AppEngine-");

    private final String prefix;

    CompatibilityHeaders(String prefix) {
        this.prefix = prefix;
    }

    String prefix() {
        return prefix;
    }
}
