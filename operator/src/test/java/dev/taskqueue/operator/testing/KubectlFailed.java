package dev.taskqueue.operator.testing;

/** The exit code of kubectl was not 0. The message contains its stderr. */
public final class KubectlFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    KubectlFailed(String message) {
        super(message);
    }
}
