package dev.taskqueue.operator.testing;

/** kubectl ended with another code than 0; the message holds its stderr. */
public final class KubectlFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    KubectlFailed(String message) {
        super(message);
    }
}
