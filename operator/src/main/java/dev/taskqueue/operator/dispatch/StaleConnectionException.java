package dev.taskqueue.operator.dispatch;

import java.io.IOException;

/**
 * A pooled connection cannot be used again, and not a byte of the request was written to it. Another connection may be used, because that repeats
 * nothing.
 */
final class StaleConnectionException extends IOException {
    private static final long serialVersionUID = 1;

    /** Has no stack trace: it is thrown about once for every connection, and caught a few frames above. */
    StaleConnectionException() {
        super("The pooled connection is not used again");
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
