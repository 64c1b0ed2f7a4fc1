package dev.taskqueue.operator.domain;

/**
 * The beginning of the text with which a worker refused a request, for {@code responseSnippet} in status and for nothing else.
 *
 * @param text at most {@value #MAX_LENGTH} characters, control characters escaped
 */
public record ResponseSnippet(String text) {
    /** As many as the CRD takes. */
    public static final int MAX_LENGTH = 1024;

    /** Leaves the text out: what a worker answers must not reach logs. */
    @Override
    public String toString() {
        return "ResponseSnippet[...]";
    }
}
