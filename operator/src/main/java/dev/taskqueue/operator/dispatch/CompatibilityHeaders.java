package dev.taskqueue.operator.dispatch;

/** The families of compatibility headers that handlers get. Their names are those of the API ({@code headerFamilies}). */
public enum CompatibilityHeaders {
    /** The headers that Cloud Tasks sends to HTTP targets. */
    CloudTasks("X-CloudTasks-", "Google-Cloud-Tasks"),
    /** The headers that Cloud Tasks sends to App Engine targets. */
    AppEngine("X-AppEngine-", "AppEngine-Google; (+http://code.google.com/appengine)");

    private final String prefix;
    private final String userAgent;

    CompatibilityHeaders(String prefix, String userAgent) {
        this.prefix = prefix;
        this.userAgent = userAgent;
    }

    String prefix() {
        return prefix;
    }

    /** The value of {@code User-Agent}. */
    String userAgent() {
        return userAgent;
    }
}
